"""Expired, foreign, wrongly named, revoked, clock broken: each by its name in readiness and metrics."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from certs import tls
from certs.authority import Authority
from certs.causes import Cause, TlsFault
from certs.identity import Identity
from certs.keys import load_private_key
from certs.throwaway import ThrowawayCa
from gateway.certificates.line import LineHealth
from gateway.certificates.watch import CertificateWatch, Watched
from gateway.client import Refusal
from spool import control_call
from tests.certs.revocations import revocation_list
from tests.gateway.certificates.strict_peer import strict_peer
from tests.gateway.eport_peer import HttpEport, http_peer


async def named(gateway, client, customer, eventually, metrics_of, reason: str, fault: str) -> None:
    """After a check that cannot be answered, readiness says the reason and the metrics say the fault."""
    if (await client.readiness()).ready:
        with pytest.raises(Refusal, match="check_unanswered"):
            await customer.offer()
    seen = await eventually(client.readiness, lambda answer: reason in answer.reasons)
    assert not seen.ready
    text = await metrics_of(gateway)
    assert f"tolem_certificate_fault{{{fault}}} 1" in text
    assert f'tolem_gateway_not_ready_reason{{reason="{reason}"}} 1' in text


def changed(bank, **eport):
    return replace(bank.settings, eport=bank.settings.eport.model_copy(update=eport))


async def test_our_certificate_is_over(
    bank, sandbox, open_bank_gateway, terminal_of, customer_of, eventually, metrics_of
) -> None:
    async with open_bank_gateway(bank.settings) as gateway:
        bank.install(sandbox.issuer.issue("tolem-gateway", lasts=timedelta(days=-1)))
        client = terminal_of(gateway)
        await eventually(client.readiness, lambda answer: not answer.ready)
        fault = 'certificate="eport.client_cert",cause="expired"'
        await named(
            gateway, client, customer_of(client), eventually, metrics_of, "certificate_expired", fault
        )


async def test_our_certificate_is_of_a_ca_that_e_port_does_not_know(
    bank, sandbox, foreign_ca, open_bank_gateway, terminal_of, customer_of, eventually, metrics_of
) -> None:
    bank.install(foreign_ca.issue("tolem-gateway", server_names=()))
    strict = tls.server_context(Identity.read(*sandbox.issuer.issue("e-port")), sandbox.ca)
    async with strict_peer(strict) as url, open_bank_gateway(changed(bank, url=url)) as gateway:
        client = terminal_of(gateway)
        fault = 'certificate="eport",cause="foreign_ca"'
        reason = "certificate_foreign_ca"
        await named(gateway, client, customer_of(client), eventually, metrics_of, reason, fault)


async def test_e_ports_certificate_is_of_a_foreign_ca(
    bank, foreign_ca, open_bank_gateway, terminal_of, customer_of, eventually, metrics_of
) -> None:
    async with open_bank_gateway(changed(bank, ca=foreign_ca.ca_path)) as gateway:
        client = terminal_of(gateway)
        fault = 'certificate="eport",cause="foreign_ca"'
        reason = "certificate_foreign_ca"
        await named(gateway, client, customer_of(client), eventually, metrics_of, reason, fault)


async def test_e_port_has_another_name(
    bank, sandbox, open_bank_gateway, terminal_of, customer_of, eventually, metrics_of, system_time
) -> None:
    other = sandbox.issuer.issue("other", server_names=("other.example",))
    server = tls.server_context(Identity.read(*other))
    async with (
        http_peer(HttpEport(), server) as url,
        open_bank_gateway(changed(bank, url=url)) as gateway,
    ):
        client = terminal_of(gateway)
        fault = 'certificate="eport",cause="wrong_name"'
        reason = "certificate_wrong_name"
        await named(gateway, client, customer_of(client), eventually, metrics_of, reason, fault)


async def test_e_ports_certificate_is_on_its_cas_revocation_list(
    bank,
    tmp_path,
    throwaway_ca,
    open_bank_gateway,
    terminal_of,
    customer_of,
    eventually,
    metrics_of,
    system_time,
) -> None:
    now, key = system_time(), throwaway_ca.issue("e-port").key
    ca = Authority.make(tmp_path / "e.pem", tmp_path / "e.key", name="e-port CA", now=now)
    own = ca.issue_to_server(load_private_key(key), names=["localhost"], now=now, lasts=timedelta(days=90))
    (tmp_path / "server.pem").write_bytes(own.public_bytes(Encoding.PEM))
    crl = revocation_list(tmp_path / "e.crl", own, tmp_path / "e.key", now=now)
    server = tls.server_context(Identity.read(tmp_path / "server.pem", key))
    async with (
        http_peer(HttpEport(), server) as url,
        open_bank_gateway(changed(bank, url=url, ca=tmp_path / "e.pem", crl=crl)) as gateway,
    ):
        client = terminal_of(gateway)
        fault = 'certificate="eport",cause="revoked"'
        reason = "certificate_revoked"
        await named(gateway, client, customer_of(client), eventually, metrics_of, reason, fault)


async def test_e_port_refuses_us_as_revoked(
    bank, tmp_path, open_bank_gateway, terminal_of, customer_of, eventually, metrics_of, system_time
) -> None:
    """Its server has a list with our certificate on it; the alert says so."""
    now = system_time()
    ca = Authority.make(tmp_path / "e.pem", tmp_path / "e.key", name="e-port CA", now=now)
    keys = [ThrowawayCa(tmp_path / "keys", now=system_time).issue(name).key for name in ("server", "bank")]
    server_key, bank_key = map(load_private_key, keys)
    server = ca.issue_to_server(server_key, names=["localhost"], now=now, lasts=timedelta(days=90))
    ours = ca.issue_to_terminal(
        x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(bank_key, SHA256()),
        terminal="tolem-gateway",
        now=now,
        lasts=timedelta(days=90),
    )
    (tmp_path / "server.pem").write_bytes(server.public_bytes(Encoding.PEM))
    (tmp_path / "ours.pem").write_bytes(ours.public_bytes(Encoding.PEM))
    crl = revocation_list(tmp_path / "e.crl", ours, tmp_path / "e.key", now=now)
    strict = tls.server_context(Identity.read(tmp_path / "server.pem", keys[0]), tmp_path / "e.pem", crl)
    bank.install(type(bank.sandbox.bank)(tmp_path / "ours.pem", keys[1]))
    async with (
        strict_peer(strict) as url,
        open_bank_gateway(changed(bank, url=url, ca=tmp_path / "e.pem")) as gateway,
    ):
        client = terminal_of(gateway)
        fault = 'certificate="eport",cause="revoked"'
        reason = "certificate_revoked"
        await named(gateway, client, customer_of(client), eventually, metrics_of, reason, fault)


async def test_a_clock_without_a_battery_is_blamed_and_not_the_certificate(
    bank, open_bank_gateway, terminal_of, metrics_of
) -> None:
    async with open_bank_gateway(bank.settings, now=lambda: datetime(1970, 1, 2, tzinfo=UTC)) as gateway:
        answer = await terminal_of(gateway).readiness()
        assert "clock_broken" in answer.reasons
        assert "certificate_expired" not in answer.reasons
        fault = 'tolem_certificate_fault{certificate="eport.client_cert",cause="clock_broken"} 1'
        assert fault in await metrics_of(gateway)


async def test_an_e_port_from_the_future_means_that_a_clock_is_wrong(
    bank, tmp_path, open_bank_gateway, terminal_of, customer_of, eventually, metrics_of, system_time
) -> None:
    ahead = ThrowawayCa(tmp_path / "ahead", now=lambda: system_time() + timedelta(days=2))
    server = tls.server_context(Identity.read(*ahead.issue("e-port")))
    async with (
        http_peer(HttpEport(), server) as url,
        open_bank_gateway(changed(bank, url=url, ca=ahead.ca_path)) as gateway,
    ):
        client = terminal_of(gateway)
        fault = 'certificate="eport",cause="clock_broken"'
        await named(gateway, client, customer_of(client), eventually, metrics_of, "clock_broken", fault)


async def test_a_fault_is_forgotten_with_the_next_answer(clock) -> None:
    line = LineHealth(clock)
    line.failed(TlsFault(Cause.FOREIGN_CA, ours=True, detail="UNKNOWN_CA"))
    line.answered("not a date")
    assert (line.fault, line.others_time()) == (None, None)
    line.answered("Sun, 22 Nov 2026 09:00:09 GMT")
    assert line.others_time() == clock() - timedelta(minutes=5)


async def test_an_expiry_is_the_clocks_doing_if_e_ports_clock_said_so(clock, tmp_path) -> None:
    line = LineHealth(clock)
    identity = Identity.read(*ThrowawayCa(tmp_path, now=clock).issue("10001"))
    watch = CertificateWatch(
        [Watched("eport.client_cert", lambda: identity, payments=True)],
        line=line,
        now=clock,
        last_change=clock(),
    )
    line.answered("Sun, 22 Nov 2026 09:05:09 GMT")
    line.failed(TlsFault(Cause.EXPIRED, ours=False, detail="certificate has expired"))
    assert watch.reasons() == ["certificate_expired"]
    clock.advance(days=1)
    assert watch.reasons() == ["certificate_expired"], "a day later is no broken clock by itself"
    line.answered("Sun, 22 Nov 2026 09:05:09 GMT")
    line.failed(TlsFault(Cause.EXPIRED, ours=False, detail="certificate has expired"))
    assert watch.reasons() == ["clock_broken"]


async def test_a_gateway_a_day_ahead_of_e_port_closes_no_window_and_says_why(
    bank, open_bank_gateway, eventually, alarms_of, system_time
) -> None:
    ahead = lambda: system_time() + timedelta(days=1)  # noqa: E731 - a clock
    async with open_bank_gateway(bank.settings, now=ahead) as gateway:
        await eventually(lambda: alarms_of(gateway), lambda names: names == ["registry_clock_broken"])
        assert [one async for one in control_call(gateway.places.control, "registry.list")] == []
