"""A gateway starts and ends: what cannot be used is refused, nothing is left behind."""

import logging
import socket
from datetime import timedelta

import pytest

from certs.errors import CertificateExpiredError, KeyDoesNotFitError
from gateway.bills.payment_states import State
from gateway.client import Refusal, Unreachable
from gateway.contract import NeverReceived
from gateway.identifiers import new_payment_id
from gateway.outcomes import HoldOutcome, Verdict
from gateway.providers.catalogue import CatalogueError
from gateway.settings import CardHostSection, CatalogueSection, GatewaySection, SettingsError
from spool import StoreBusy, control_call


async def test_nobody_is_heard_after_the_end_and_the_sockets_are_gone(open_gateway, terminal_of) -> None:
    async with open_gateway() as gateway:
        client = terminal_of(gateway)
        assert (await client.readiness()).ready
    with pytest.raises(Unreachable):
        await client.readiness()
    assert not gateway.places.control.exists()


async def test_only_its_own_user_may_open_its_socket_and_its_folder(gateway) -> None:
    assert gateway.places.socket.stat().st_mode & 0o777 == 0o600
    assert gateway.places.socket.parent.stat().st_mode & 0o777 == 0o700


async def test_a_socket_left_by_a_dead_process_is_replaced(open_gateway, terminal_of, tmp_path) -> None:
    (tmp_path / "data").mkdir()
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / "data" / "gateway.sock"))
    dead.close()
    async with open_gateway() as gateway:
        assert (await terminal_of(gateway).readiness()).ready


async def test_a_second_process_on_the_same_store_is_refused(gateway, open_gateway) -> None:
    with pytest.raises(StoreBusy):
        async with open_gateway():
            pass


async def test_what_cannot_be_used_is_refused_before_anything_is_made(
    open_gateway, sections, throwaway_ca, tmp_path
) -> None:
    (tmp_path / "catalogue.toml").write_text("[[group]]\n")
    other = throwaway_ca.issue("tolem-gateway")
    over = throwaway_ca.issue("tolem-gateway", lasts=-timedelta(days=1))
    eport = sections.eport
    faults = {
        SettingsError: {
            "card_host": CardHostSection(**{**sections.card_host.model_dump(), "hold_life_days": 1})
        },
        CatalogueError: {"catalogue": CatalogueSection(file=tmp_path / "catalogue.toml")},
        KeyDoesNotFitError: {"eport": eport.model_copy(update={"client_key": other.key})},
        CertificateExpiredError: {
            "eport": eport.model_copy(update={"client_cert": over.certificate, "client_key": over.key})
        },
    }
    for error, changes in faults.items():
        with pytest.raises(error):
            async with open_gateway(**changes):
                pass
    assert not (tmp_path / "data").exists()


async def test_an_address_in_use_is_told_by_its_key(open_gateway, tcp_peer) -> None:
    async def serve(reader, writer) -> None:
        return

    async with tcp_peer(serve) as port:
        with pytest.raises(SettingsError, match="cannot listen at 127"):
            async with open_gateway(gateway=GatewaySection(monitor=f"127.0.0.1:{port}")):
                pass


async def test_a_restored_store_answers_nothing_of_what_it_may_have_forgotten(
    open_gateway, terminal_of, customer_of, tmp_path
) -> None:
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        await customer.pay()
        known = customer.last_id
        copy = tmp_path / "copy.db"
        _ = [item async for item in control_call(gateway.places.control, "snapshot", {"path": str(copy)})]
        before = await customer.pay()
        forgotten = customer.last_id
    data = tmp_path / "data"
    for leftover in ("gateway.db-wal", "gateway.db-shm"):
        (data / leftover).unlink(missing_ok=True)
    copy.rename(data / "gateway.db")
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        assert (await customer.terminal.get(known)).state == "PAID"
        request = customer.request(await customer.offer())
        for call in (
            customer.terminal.get(forgotten),
            customer.terminal.resolve(forgotten),
            customer.terminal.put(forgotten, request),
        ):
            with pytest.raises(Refusal, match="store_restored") as caught:
                await call
            assert caught.value.problem.status == 503
        after = await customer.pay()
    assert after.txn_id > before.txn_id
    assert after.rrn > before.rrn


async def test_a_backup_put_back_by_other_means_is_told_by_the_settings(
    open_gateway, terminal_of, customer_of, system_time
) -> None:
    async with open_gateway() as gateway:
        await customer_of(terminal_of(gateway)).pay()
    told = GatewaySection(restored_at=system_time() + timedelta(milliseconds=50))
    async with open_gateway(gateway=told) as gateway:
        customer = customer_of(terminal_of(gateway))
        with pytest.raises(Refusal, match="store_restored"):
            await customer.terminal.resolve("01935b2e-0000-7000-8000-000000000001")
        later = new_payment_id(told.restored_at + timedelta(seconds=1), bytes)
        assert await customer.terminal.resolve(later) == NeverReceived(payment_id=later)


async def test_no_card_data_are_left_in_logs_or_on_disk(
    open_gateway, terminal_of, customer_of, tmp_path, caplog, moved, eport, funds
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        await customer.pay()
        funds.hold_outcome = HoldOutcome(Verdict.REFUSED, "51")
        await customer.pay()

        async def break_down(identifiers, card):
            raise RuntimeError(f"{card.pan} {card.pin_block!r}")

        funds.hold = break_down
        await customer.pay()
        await moved.until(State.RELEASED)
        story = [
            item
            async for item in control_call(gateway.places.control, "payments.show", {"id": customer.last_id})
        ]
    logged = "\n".join(
        f"{record.getMessage()} {record.__dict__} {record.exc_text}" for record in caplog.records
    )
    left = logged.encode() + repr(story).encode()
    for path in (tmp_path / "data").iterdir():
        left += path.read_bytes() if path.is_file() else b""
    assert len(left) > 100_000
    assert "payment.moved" in logged
    for secret in (b"4012345678909", b"1B9C1845EB993A7A", bytes.fromhex("1B9C1845EB993A7A"), b"\\x1b\\x9c"):
        assert secret not in left
        assert secret.lower() not in left
