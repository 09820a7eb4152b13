"""Certificates besides the personal one are taken while the gateway runs: its own, and those it shows to others."""

import asyncio
from dataclasses import replace

import pytest

from certs.identity import Identity
from certs.pair import Pair
from certs.shown import Shown
from certs.tls import client_context, peer_certificate, server_context
from gateway.alarms import open_alarms
from gateway.certificates.files_in_use import FilesInUse
from gateway.contexts import Contexts
from gateway.contract import Told
from gateway.settings import CentralSection
from spool import control_call
from tests.certs.conftest import shake_hands

ASK = b"GET /v1/readiness HTTP/1.1\r\nHost: localhost\r\n\r\n"


def install(issued, folder, name) -> Pair:
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    for source, target in zip(issued, (pair.certificate, pair.key), strict=True):
        target.touch(mode=0o600)
        target.write_bytes(source.read_bytes())
    return pair


class Connection:
    """A terminal's, kept open."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, gateway, context):
        return cls(*await asyncio.open_connection(*gateway.places.address, ssl=context))

    @property
    def shown(self):
        return peer_certificate(self._writer.transport)

    async def asks(self) -> bytes:
        self._writer.write(ASK)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.splitlines() if line.startswith(b"Content-Length:"))
        await self._reader.readexactly(length)
        return head.split(b"\r\n")[0]

    async def close(self):
        self._writer.close()
        await self._writer.wait_closed()


@pytest.fixture
def listening(bank, throwaway_ca):
    """The bank's settings, with a listener of its own; its pair is gateway.pem and .key in the bank's folder."""
    pair = install(throwaway_ca.issue("gateway"), bank.folder, "gateway")
    own = {
        "listen": "127.0.0.1:0",
        "cert": pair.certificate,
        "key": pair.key,
        "terminal_ca": throwaway_ca.ca_path,
    }
    return replace(bank.settings, gateway=bank.settings.gateway.model_copy(update=own))


async def test_a_new_certificate_of_the_gateway_fails_no_payment_and_closes_no_connection(
    bank, listening, throwaway_ca, open_bank_gateway, terminal_of, customer_of, eventually
) -> None:
    own = Identity.read(*throwaway_ca.issue("ATM00017", server_names=()))
    context = client_context(throwaway_ca.ca_path, own)
    async with open_bank_gateway(listening) as gateway:
        kept = await Connection.to(gateway, context)
        assert await kept.asks() == b"HTTP/1.1 200 OK"
        paying = asyncio.create_task(customer_of(terminal_of(gateway)).pay())
        install(throwaway_ca.issue("gateway"), bank.folder, "gateway")

        async def shown():
            fresh = await Connection.to(gateway, context)
            assert await fresh.asks() == b"HTTP/1.1 200 OK"
            await fresh.close()
            return fresh.shown

        await eventually(shown, lambda seen: seen != kept.shown)
        assert (await paying).told is Told.PAID
        assert await kept.asks() == b"HTTP/1.1 200 OK"
        await kept.close()


async def test_registries_leave_with_the_new_certificate_for_the_central_system(
    bank, sandbox, open_bank_gateway, eventually, alarms_of
) -> None:
    pair = install(sandbox.issuer.issue("somebody-else", server_names=()), bank.folder, "central")
    central = CentralSection(
        url=sandbox.central_url, client_cert=pair.certificate, client_key=pair.key, ca=sandbox.ca
    )
    timers = bank.settings.timers.model_copy(
        update={"registry_resend_seconds": 0.05, "registry_resend_then_seconds": 0.05}
    )
    async with open_bank_gateway(replace(bank.settings, central=central, timers=timers)) as gateway:

        async def waiting() -> int:
            kinds = control_call(gateway.places.control, "registry.standing")
            return {one["kind"]: one["waiting"] async for one in kinds}["BANK"]

        async for _ in control_call(gateway.places.control, "registry.build", {"ahead": True}):
            pass
        await eventually(lambda: alarms_of(gateway), lambda names: "registry_http_403" in names)
        assert await waiting() == 1
        install(sandbox.bank, bank.folder, "central")
        await eventually(waiting, lambda number: number == 0)


def test_a_card_host_is_shown_the_new_one_at_the_next_connection(
    bank, sandbox, throwaway_ca, system_time
) -> None:
    pair = install(throwaway_ca.issue("tolem", server_names=()), bank.folder, "host")
    secured = {
        "tls": True,
        "ca": throwaway_ca.ca_path,
        "client_cert": pair.certificate,
        "client_key": pair.key,
    }
    settings = replace(bank.settings, card_host=bank.settings.card_host.model_copy(update=secured))
    contexts = Contexts.of(settings, now=system_time)
    host = server_context(Identity.read(*throwaway_ca.issue("card-host")), throwaway_ca.ca_path)
    _, before = shake_hands(contexts.card_host(), host)
    install(throwaway_ca.issue("tolem", server_names=()), bank.folder, "host")
    assert [one.refresh() for one in contexts.exchanged] == [True]
    _, after = shake_hands(contexts.card_host(), host)
    assert peer_certificate(before) != peer_certificate(after)


@pytest.fixture
def files(tmp_path, throwaway_ca, store) -> FilesInUse:
    shown = Shown(install(throwaway_ca.issue("gateway"), tmp_path, "gateway"))
    return FilesInUse(shown, store)


async def alarms(store):
    return [(one.name, one.subject, one.times) for one in await store.read(open_alarms)]


async def test_two_files_that_are_copied_one_after_the_other_are_no_alarm(
    files, tmp_path, throwaway_ca, store
) -> None:
    newer = throwaway_ca.issue("gateway")
    (tmp_path / "gateway.pem").write_bytes(newer.certificate.read_bytes())
    await files.look()
    assert files.fault is not None
    install(newer, tmp_path, "gateway")
    await files.look()
    assert (files.fault, await alarms(store)) == (None, [])


async def test_files_that_stay_unusable_are_one_alarm_and_what_was_read_goes_on(
    files, tmp_path, throwaway_ca, store
) -> None:
    (tmp_path / "gateway.pem").write_bytes(throwaway_ca.issue("gateway").certificate.read_bytes())
    for _ in range(4):
        await files.look()
    assert await alarms(store) == [("certificate_files_unusable", "gateway.pem", 1)]
    assert "another key" in files.fault
