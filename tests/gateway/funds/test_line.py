"""The line to the card host, against hosts that drop, drip, mix up and fall silent."""

import asyncio
import contextlib
import logging
from collections import Counter

import iso8583
import pytest
from iso8583.specs import default_ascii

from certs.identity import Identity
from certs.tls import client_context, server_context
from gateway.funds.iso8583 import CardHostTimers
from gateway.outcomes import Verdict
from tests.gateway.card_host_peer import (
    AT,
    CARD,
    QUICK,
    Host,
    Values,
    approved,
    framed,
    identifiers,
    line_to,
    saying,
    silent,
    until,
)


async def test_a_host_whose_certificate_nobody_vouches_for_never_sees_a_hold(
    tcp_peer, throwaway_ca, foreign_ca, system_time
):
    identity = Identity.load(*foreign_ca.issue("card-host"), now=system_time)
    host = Host()
    async with tcp_peer(host.serve, server_context(identity)) as port:
        trusting = client_context(throwaway_ca.ca_path)
        async with line_to(port, timers=QUICK, name="localhost", tls=lambda: trusting) as card_host:
            outcome = await card_host.hold(identifiers(), CARD)
    assert outcome.verdict is Verdict.UNANSWERED
    assert host.got == []


async def test_the_line_is_proven_by_its_first_echo_and_by_each_later_one(tcp_peer):
    host = Host()
    timers = CardHostTimers(connect_seconds=5, hold_seconds=5, advice_seconds=5, echo_seconds=0.01)
    async with tcp_peer(host.serve) as port, line_to(port, timers=timers) as card_host:
        assert not card_host.reachable()
        await until(card_host.reachable)
        echo = await host.has_got("0800", 3)
        assert card_host.reachable()
    assert {number: echo[number] for number in ("7", "70")} == {"7": "1122090509", "70": "301"}
    assert len({one["11"] for one in host.got}) >= 3
    assert host.connections == 1


async def test_an_echo_without_an_answer_ends_the_connection_and_a_new_one_is_made(tcp_peer):
    host = Host()
    host.answers["0800"] = silent
    async with tcp_peer(host.serve) as port, line_to(port, timers=QUICK) as card_host:
        await host.has_got("0800", 2)
        assert not card_host.reachable()
        del host.answers["0800"]
        await until(card_host.reachable)
    assert host.connections >= 2


async def test_an_echo_that_is_refused_proves_nothing(tcp_peer):
    host = Host()
    host.answers["0800"] = saying(f39="96")
    async with tcp_peer(host.serve) as port, line_to(port, timers=QUICK) as card_host:
        await host.has_got("0800", 2)
        assert not card_host.reachable()


async def test_answers_in_any_order_find_their_holds(tcp_peer):
    host = Host()
    waiting: list[Values] = []

    def last_of_five(values: Values) -> bytes:
        waiting.append(values)
        if len(waiting) < 5:
            return b""
        return b"".join(framed(approved(one) | {"38": f"CODE{one['11'][-1]} "}) for one in reversed(waiting))

    host.answers["0100"] = last_of_five
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        outcomes = await asyncio.gather(
            *(card_host.hold(identifiers(number, total=number), CARD) for number in range(1, 6))
        )
    assert [outcome.approval_code for outcome in outcomes] == [f"CODE{number} " for number in range(1, 6)]


async def test_an_answer_that_is_split_into_single_bytes_is_one_answer(tcp_peer):
    host = Host()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            values, _ = iso8583.decode(await reader.readexactly(length), default_ascii)
            for byte in framed(approved(values)):
                writer.write(bytes([byte]))
                await writer.drain()

    async with tcp_peer(drip) as port, line_to(port) as card_host:
        assert (await card_host.hold(identifiers(), CARD)).verdict is Verdict.ACCEPTED
    assert host.got == []


@pytest.mark.parametrize(
    ("field", "other"),
    [("f11", "000099"), ("f37", "632600000099"), ("f41", "ATM00018"), ("ft", "0230")],
)
async def test_an_answer_to_somebody_else_is_an_alarm_and_no_answer(tcp_peer, caplog, field, other):
    host = Host()
    host.answers["0100"] = saying(**{field: other})
    async with tcp_peer(host.serve) as port, line_to(port, timers=QUICK) as card_host:
        await until(card_host.reachable)
        outcome = await card_host.hold(identifiers(), CARD)
        await until(lambda: "card_host.unmatched_answer" in caplog.messages)
    assert outcome.verdict is Verdict.UNANSWERED
    assert {record.levelname for record in caplog.records if record.message.endswith("unmatched_answer")} == {
        "ERROR"
    }


async def test_a_hold_without_an_answer_is_unanswered_sent_once_and_its_late_answer_changes_nothing(
    tcp_peer, caplog
):
    host = Host()
    host.answers["0100"] = silent
    async with tcp_peer(host.serve) as port, line_to(port, timers=QUICK) as card_host:
        await until(card_host.reachable)
        outcome = await card_host.hold(identifiers(), CARD)
        host.writer.write(framed(approved(await host.has_got("0100"))))
        await until(lambda: "card_host.late_answer" in caplog.messages)
        host.answers.clear()
        assert (await card_host.hold(identifiers(2), CARD)).verdict is Verdict.ACCEPTED
    assert (outcome.verdict, outcome.detail) == (Verdict.UNANSWERED, "no answer in time")
    assert host.mtis() == ["0100", "0100"]


async def test_a_hold_is_never_repeated_when_the_line_drops_under_it(tcp_peer):
    host = Host()
    host.hang_up_after = {"0100"}
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        outcomes = await asyncio.gather(
            card_host.hold(identifiers(1), CARD), card_host.hold(identifiers(2), CARD)
        )
        host.hang_up_after = set()
        await until(card_host.reachable)
    assert {outcome.verdict for outcome in outcomes} == {Verdict.UNANSWERED}
    assert Counter(one["11"] for one in host.got if one["t"] == "0100")["000001"] == 1
    assert host.connections >= 2


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00\x00",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\x14" + b"x" * 20,
        b"\x00\x160110FFFFFFFFFFFFFFFFxx",
    ],
)
async def test_an_undecodable_frame_ends_the_connection_for_everybody_who_waits(tcp_peer, caplog, noise):
    host = Host()
    host.answers["0100"] = lambda _: noise
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        outcome = await card_host.hold(identifiers(), CARD)
        host.answers.clear()
        await until(lambda: host.connections == 2 and card_host.reachable())
    assert (outcome.verdict, outcome.detail) == (Verdict.UNANSWERED, "the line was lost")
    [lost] = [record for record in caplog.records if record.message == "card_host.line_lost"]
    assert lost.reason.startswith("undecodable")


async def test_a_line_that_never_came_up_is_unanswered(unused_tcp_port):
    timers = CardHostTimers(connect_seconds=0.05, hold_seconds=5, advice_seconds=5, echo_seconds=60)
    async with line_to(unused_tcp_port, timers=timers) as card_host:
        outcome = await card_host.hold(identifiers(), CARD)
        assert not card_host.reachable()
    assert outcome.verdict is Verdict.UNANSWERED
    assert outcome.detail.startswith("the line is")


async def test_the_same_advice_is_in_flight_once(tcp_peer):
    host = Host()
    host.answers["0420"] = silent
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        message = card_host.reversal_message(identifiers(), stan="000002", at=AT, approval_code=None)
        first = asyncio.create_task(card_host.advise(message, repeat=False))
        values = await host.has_got("0420")
        second = await card_host.advise(message, repeat=True)
        host.writer.write(framed(approved(values)))
        assert (await first).verdict is Verdict.ACCEPTED
    assert (second.verdict, second.detail) == (Verdict.UNANSWERED, "the same request is in flight")
    assert host.mtis() == ["0420"]


async def test_closing_tells_everybody_who_waits(tcp_peer):
    host = Host()
    host.answers["0100"] = silent
    async with tcp_peer(host.serve) as port:
        async with line_to(port) as card_host:
            hold = asyncio.create_task(card_host.hold(identifiers(), CARD))
            await host.has_got("0100")
        assert (await hold).verdict is Verdict.UNANSWERED
        assert not card_host.reachable()


async def test_a_cancelled_hold_leaves_the_line_as_it_was(tcp_peer):
    host = Host()
    host.answers["0100"] = silent
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        hold = asyncio.create_task(card_host.hold(identifiers(), CARD))
        values = await host.has_got("0100")
        hold.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hold
        host.writer.write(framed(approved(values)))
        host.answers.clear()
        assert (await card_host.hold(identifiers(2), CARD)).verdict is Verdict.ACCEPTED
    assert host.connections == 1


async def test_a_host_that_accepts_and_drops_is_met_with_growing_patience(tcp_peer, caplog):
    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    caplog.set_level(logging.INFO)
    timers = CardHostTimers(connect_seconds=0.05, hold_seconds=1, advice_seconds=1, echo_seconds=0.1)
    losses: list[int] = []

    def lost_often() -> bool:
        losses[:] = [record.failures for record in caplog.records if record.message == "card_host.line_lost"]
        return len(losses) >= 4

    async with tcp_peer(drop) as port, line_to(port, timers=timers):
        await until(lost_often)
    assert losses[:4] == [1, 2, 3, 4]
