"""The card host over a real line, against a host that is scripted per test."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import iso8583
import pytest
from iso8583.specs import default_ascii

from certs.identity import Identity
from certs.tls import client_context, server_context
from gateway.funds.interface import Card, Funds, HoldIdentifiers
from gateway.funds.iso8583 import CardHost, CardHostSettingsError, CardHostTimers
from gateway.money import Amount
from gateway.outcomes import Verdict

ALMATY = ZoneInfo("Asia/Almaty")
AT = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
PAN = "4111111111111111"
CARD = Card(track2=f"{PAN}D28122011234", pin_block=bytes.fromhex("1B9C1845EB993A7A"))
PATIENT = CardHostTimers(connect_seconds=1, hold_seconds=20, advice_seconds=20, echo_seconds=60)
QUICK = CardHostTimers(connect_seconds=1, hold_seconds=0.3, advice_seconds=0.3, echo_seconds=1)
ANSWERS = {"0100": "0110", "0220": "0230", "0420": "0430", "0421": "0430", "0800": "0810"}

Values = dict[str, str]


def identifiers(number: int = 1, total: int = 154500) -> HoldIdentifiers:
    return HoldIdentifiers(f"{number:06d}", f"6326{number:08d}", "ATM00017", Amount(total), AT)


def framed(values: Values) -> bytes:
    message, _ = iso8583.encode(dict(values), default_ascii)
    return len(message).to_bytes(2, "big") + bytes(message)


def approved(values: Values) -> Values:
    kept = {number: values[number] for number in ("4", "7", "11", "37", "41", "49", "70") if number in values}
    return {"t": ANSWERS[values["t"]], "39": "00", **kept}


class Host:
    """Answers 00 to everything, unless the test says otherwise for an MTI: bytes, or nothing for silence."""

    def __init__(self) -> None:
        self.got: list[Values] = []
        self.raw: list[bytes] = []
        self.connections = 0
        self.answers: dict[str, Callable[[Values], bytes]] = {}
        self.hang_up_after: set[str] = set()
        self.writer: asyncio.StreamWriter
        self._more = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writer = writer
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            message = await reader.readexactly(length)
            values, _ = iso8583.decode(message, default_ascii)
            async with self._more:
                self.got.append(values)
                self.raw.append(message)
                self._more.notify_all()
            if values["t"] in self.hang_up_after:
                break
            answer = self.answers.get(values["t"], lambda values: framed(approved(values)))
            writer.write(answer(values))
            await writer.drain()

    async def has_got(self, mti: str, times: int = 1) -> Values:
        """Wait until so many messages of an MTI arrived; the last of them."""
        async with self._more:
            await self._more.wait_for(lambda: Counter(one["t"] for one in self.got)[mti] >= times)
        return [one for one in self.got if one["t"] == mti][-1]

    def mtis(self) -> list[str]:
        return [values["t"] for values in self.got if values["t"] != "0800"]


def silent(_: Values) -> bytes:
    return b""


def saying(**changes: str) -> Callable[[Values], bytes]:
    fields = {number[1:]: value for number, value in changes.items()}
    return lambda values: framed(approved(values) | fields)


@contextlib.asynccontextmanager
async def line_to(port: int, *, timers: CardHostTimers = PATIENT, **of):
    card_host = CardHost(
        f"{of.pop('name', '127.0.0.1')}:{port}",
        acquirer="999001",
        merchant="TOLEM0000000001",
        time_zone=ALMATY,
        timers=timers,
        now=lambda: AT,
        random=Random(7),
        **of,
    )
    await card_host.start()
    try:
        yield card_host
    finally:
        await card_host.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a port's answer and a log have no event to wait for
            await asyncio.sleep(0.001)


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
        async with line_to(port, name="localhost", ssl_context=trusting) as card_host:
            outcome = await card_host.hold(identifiers(), CARD)
    assert (outcome.verdict, outcome.response_code) == (Verdict.ACCEPTED, "00")
    assert host.mtis() == ["0100"]


async def test_a_host_whose_certificate_nobody_vouches_for_never_sees_a_hold(
    tcp_peer, throwaway_ca, foreign_ca, system_time
):
    identity = Identity.load(*foreign_ca.issue("card-host"), now=system_time)
    host = Host()
    async with tcp_peer(host.serve, server_context(identity)) as port:
        trusting = client_context(throwaway_ca.ca_path)
        async with line_to(port, timers=QUICK, name="localhost", ssl_context=trusting) as card_host:
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


async def test_a_declined_hold_is_refused_with_its_code(tcp_peer):
    host = Host()
    host.answers["0100"] = saying(f39="51")
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        outcome = await card_host.hold(identifiers(), CARD)
    assert (outcome.verdict, outcome.response_code) == (Verdict.REFUSED, "51")


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


@pytest.mark.parametrize(("code", "verdict"), [("91", Verdict.UNANSWERED), ("12", Verdict.REFUSED)])
async def test_an_advice_comes_to_what_its_code_says(tcp_peer, code, verdict):
    host = Host()
    host.answers["0420"] = saying(f39=code)
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        message = card_host.reversal_message(identifiers(), stan="000002", at=AT, approval_code=None)
        outcome = await card_host.advise(message, repeat=False)
    assert (outcome.verdict, outcome.response_code) == (verdict, code)


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


async def test_dates_of_an_advice_are_its_own(tcp_peer):
    host = Host()
    async with tcp_peer(host.serve) as port, line_to(port) as card_host:
        later = AT + timedelta(days=1)
        message = card_host.reversal_message(identifiers(), stan="000002", at=later, approval_code=None)
        await card_host.advise(message, repeat=False)
    [reversal] = [one for one in host.got if one["t"] == "0420"]
    assert (reversal["7"], reversal["13"]) == ("1123090509", "1123")
    assert reversal["90"][4:20] == "000001" + "1122090509"
