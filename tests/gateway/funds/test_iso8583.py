"""What is asked of the card host, over a real line to a host that is scripted per test."""

import logging
from datetime import timedelta

import pytest

from certs.identity import Identity
from certs.tls import client_context, server_context
from gateway.funds.interface import Card, Funds
from gateway.funds.iso8583 import CardHost, CardHostSettingsError
from gateway.outcomes import Verdict
from tests.gateway.card_host_peer import (
    ALMATY,
    AT,
    CARD,
    PAN,
    QUICK,
    Host,
    approved,
    framed,
    identifiers,
    line_to,
    saying,
    silent,
    until,
)


def test_it_is_a_port_to_funds():
    card_host: Funds = CardHost("127.0.0.1:1", acquirer="1", merchant="M", time_zone=ALMATY)
    assert not card_host.reachable()


@pytest.mark.parametrize(
    "address", ["10.0.0.5:8583", "card-host.example:8583", "[2001:db8::1]:8583", "0.0.0.0:8583"]
)
def test_a_host_elsewhere_needs_tls(address):
    with pytest.raises(CardHostSettingsError, match=r"card_host\.tls"):
        CardHost(address, acquirer="1", merchant="M", time_zone=ALMATY)


@pytest.mark.parametrize("address", ["127.0.0.1", "8583", ":8583", "127.0.0.1:port", "127.0.0.1:70000"])
def test_an_address_is_host_and_port(address):
    with pytest.raises(CardHostSettingsError, match=r"card_host\.address"):
        CardHost(address, acquirer="1", merchant="M", time_zone=ALMATY)


async def test_a_hold_is_approved_over_tls(tcp_peer, throwaway_ca, system_time):
    identity = Identity.load(*throwaway_ca.issue("card-host"), now=system_time)
    host = Host()
    async with tcp_peer(host.serve, server_context(identity)) as port:
        trusting = client_context(throwaway_ca.ca_path)
        async with line_to(port, name="localhost", tls=lambda: trusting) as card_host:
            outcome = await card_host.hold(identifiers(), CARD)
    assert (outcome.verdict, outcome.response_code) == (Verdict.ACCEPTED, "00")
    assert host.mtis() == ["0100"]


async def test_a_declined_hold_is_refused_with_its_code(tcp_peer):
    host = Host()
    host.answers["0100"] = saying(f39="51")
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        outcome = await card_host.hold(identifiers(), CARD)
    assert (outcome.verdict, outcome.response_code) == (Verdict.REFUSED, "51")


async def test_what_no_0100_can_carry_is_refused_before_it_leaves(tcp_peer):
    host = Host()
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        outcome = await card_host.hold(identifiers(), Card(pan=PAN))
    assert (outcome.verdict, outcome.alarm) == (Verdict.REFUSED, "card_host_unsendable")
    assert host.mtis() == []


async def test_a_capture_goes_out_with_its_stored_bytes_every_time(tcp_peer):
    host = Host()
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        message = card_host.capture_message(identifiers(), stan="000002", at=AT, approval_code="A1B2C3")
        first = await card_host.advise(message, repeat=False)
        again = await card_host.advise(message, repeat=True)
    assert (first.verdict, again.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
    assert [raw for raw in host.raw if raw[:4] == b"0220"] == [message, message]


async def test_a_reversal_that_may_have_left_goes_as_0421(tcp_peer):
    host = Host()
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        message = card_host.reversal_message(identifiers(), stan="000002", at=AT, approval_code=None)
        assert (await card_host.advise(message, repeat=False)).verdict is Verdict.ACCEPTED
        assert (await card_host.advise(message, repeat=True)).verdict is Verdict.ACCEPTED
    assert host.mtis() == ["0420", "0421"]
    assert [raw[4:] for raw in host.raw if raw[:3] == b"042"] == [message[4:], message[4:]]


async def test_an_answer_to_the_0420_answers_its_0421_too(tcp_peer):
    host = Host()
    host.answers["0420"] = silent
    host.answers["0421"] = silent
    async with tcp_peer(host.serve) as port, line_to(port, timers=QUICK) as card_host:
        message = card_host.reversal_message(identifiers(), stan="000002", at=AT, approval_code=None)
        await until(card_host.reachable)
        assert (await card_host.advise(message, repeat=False)).verdict is Verdict.UNANSWERED
        host.answers["0421"] = lambda values: framed(approved(values | {"t": "0420"}))
        assert (await card_host.advise(message, repeat=True)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(("code", "verdict"), [("91", Verdict.REFUSED), ("12", Verdict.REFUSED)])
async def test_an_advice_comes_to_what_its_code_says(tcp_peer, code, verdict):
    host = Host()
    host.answers["0420"] = saying(f39=code)
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        message = card_host.reversal_message(identifiers(), stan="000002", at=AT, approval_code=None)
        outcome = await card_host.advise(message, repeat=False)
    assert (outcome.verdict, outcome.response_code) == (verdict, code)


async def test_card_data_reach_no_log(tcp_peer, caplog):
    host = Host()
    host.answers["0100"] = lambda values: framed(
        approved(values) | {"11": "000099", "35": values["35"], "2": PAN}
    )
    with caplog.at_level(logging.DEBUG):
        async with tcp_peer(host.serve) as port, line_to(port, timers=QUICK) as card_host:
            await until(card_host.reachable)
            await card_host.hold(identifiers(), CARD)
            await until(lambda: "card_host.unmatched_answer" in caplog.messages)
    logged = "".join(str(record.__dict__) for record in caplog.records)
    assert "card_host.unmatched_answer" in logged
    assert PAN not in logged
    assert "1B9C1845EB993A7A" not in logged


async def test_dates_of_an_advice_are_its_own(tcp_peer):
    host = Host()
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        later = AT + timedelta(days=1)
        message = card_host.reversal_message(identifiers(), stan="000002", at=later, approval_code=None)
        await card_host.advise(message, repeat=False)
    [reversal] = [one for one in host.got if one["t"] == "0420"]
    assert (reversal["7"], reversal["13"]) == ("1123090509", "1123")
    assert reversal["90"][4:20] == "000001" + "1122090509"
