"""A terminal's registry tells what its customers were told, and what it has learnt since."""

from zoneinfo import ZoneInfo

import pytest

from agent.journal import Journal, latest
from agent.journeys.bill import Event
from agent.journeys.bill_book import BillBook
from agent.journeys.card_record import Happened
from agent.registry import Reporter, TerminalUplink, installation, series_of
from gateway.client import Refusal, Unreachable
from gateway.contract import Money, NeverReceived, Problem, RegistryTaken, Requisite, Told
from gateway.registry.body import body
from gateway.registry.book import load
from gateway.registry.exchange import Acknowledged, Expected, Refused, Unanswered
from gateway.registry.layout import Totals
from gateway.registry.rounds import Rounds
from tests.agent.fakes import NOW, offer, view
from tests.agent.test_bill_book import journey

ALMATY = ZoneInfo("Asia/Almaty")


@pytest.fixture
def journal(spool):
    return Journal(spool, batch_seconds=0)


@pytest.fixture
def book(spool, journal):
    reporter = Reporter(journal, terminal="ATM00017", time_zone=ALMATY)
    return BillBook(spool, journal, bytes, report=reporter)


@pytest.fixture
def told(spool):
    """The lines that were written, as columns."""

    async def lines():
        rows = await spool.read(
            lambda tx: list(tx.execute("SELECT line FROM registry_change ORDER BY subject, n"))
        )
        return [line.decode().removesuffix("\r\n").split(";") for (line,) in rows]

    return lines


async def sent(book):
    begun = journey()
    await book.begin(begun)
    sums = {
        name: Money(amount_minor=minor)
        for name, minor in (("amount", 150_000), ("fee", 4_500), ("total", 154_500))
    }
    now = await book.move(begun, Happened(Event.OFFER_MADE, {"offer": offer(), **sums}))
    for event in (
        Event.CONSENT_GIVEN,
        Event.CARD_INSERTED,
        Event.APPLICATION_OPENED,
        Event.PIN_ENTERED,
        Event.CRYPTOGRAM_MADE,
    ):
        now = await book.move(now, Happened(event))
    return now


async def test_nothing_is_told_before_something_is_sent(book, told) -> None:
    begun = journey()
    await book.begin(begun)
    await book.move(begun, Happened(Event.CANCELLED))
    assert await told() == []


async def test_what_is_sent_is_told_at_once_and_again_with_its_ending(book, told) -> None:
    now = await sent(book)
    paid = view(Told.PAID, "PAID", payment_id=now.payment_id, eport_id="9001", finished_at=NOW)
    await book.move(now, Happened(Event.PAID, {"view": paid}))
    first, second = await told()
    assert first == [
        "D", "", "", "ATM00017", "beeline-kz", "7011234567", "1500.00", "45.00", "1545.00",
        "2026-11-22T14:05:00+05:00", "", "PENDING", "", "", "CARD", now.payment_id, "", "000001",
    ]  # fmt: skip
    assert second == [
        "D", "26112200000000000002", "9001", "ATM00017", "beeline-kz", "7011234567", "1500.00", "45.00", "1545.00",
        "2026-11-22T14:05:00+05:00", "2026-11-22T14:05:00+05:00", "ACCEPTED", "", "632600000001", "CARD",
        now.payment_id, "paid", "000001",
    ]  # fmt: skip


async def test_moves_that_change_nothing_of_it_tell_nothing(book, told) -> None:
    now = await sent(book)
    paid = view(Told.PAID, "PAID", payment_id=now.payment_id)
    ended = await book.move(now, Happened(Event.PAID, {"view": paid}))
    before = len(await told())
    done = await book.move(ended, Happened(Event.RECEIPT_PRINTED, {"receipt_printed": True}))
    await book.move(done, Happened(Event.CARD_TAKEN))
    assert len(await told()) == before


async def test_a_late_answer_is_told_beside_the_ending_that_the_customer_got(book, spool, told) -> None:
    now = await sent(book)
    await book.move(now, Happened(Event.TIME_IS_UP))
    paid = view(Told.PAID, "PAID", payment_id=now.payment_id)
    await spool.write(lambda tx: book.resolved(tx, now.payment_id, paid))
    assert [(line[11], line[16]) for line in await told()] == [
        ("PENDING", ""),
        ("PENDING", "in_processing"),
        ("ACCEPTED", "in_processing"),
    ]


async def test_a_payment_that_never_arrived_is_told_as_refused(book, spool, told) -> None:
    now = await sent(book)
    await book.move(now, Happened(Event.TIME_IS_UP))
    never = NeverReceived(payment_id=now.payment_id)
    await spool.write(lambda tx: book.resolved(tx, now.payment_id, never))
    assert (await told())[-1][11] == "REFUSED"


async def test_what_cannot_be_written_stops_no_journey_and_is_an_alarm(book, spool, told) -> None:
    now = await sent(book)
    odd = view(Told.PAID, "PAID", payment_id=now.payment_id, eport_id="9;1")
    ended = await book.move(now, Happened(Event.PAID, {"view": odd}))
    assert ended.ending == "paid"
    names = [line.name for line in await spool.read(lambda tx: latest(tx, 3))]
    assert "alarm.registry_line_unwritable" in names
    assert len(await told()) == 1


async def test_an_installation_keeps_its_name(spool) -> None:
    numbers = iter((b"\x01\x23\xab\xcd", b"\xff\xff\xff\xff"))
    names = [await spool.write(lambda tx: installation(tx, lambda _: next(numbers))) for _ in range(2)]
    assert names == ["0123abcd"] * 2


class Gateway:
    """Takes a registry as it was told to, and remembers what it was given."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked = []

    async def put_registry(self, terminal, number, content):
        self.asked.append((terminal, number, content))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def refusal(code, *, retryable=False, **members):
    return Refusal(
        Problem(type="t", title="t", status=409, detail="why", code=code, retryable=retryable, **members)
    )


ABOUT_THE_BYTES = ("registry_invalid", "registry_conflict", "malformed_request", "body_too_large")
ZERO = Money(amount_minor=0)
TAKEN = RegistryTaken(registry_id="x", count=0, sum=ZERO, fee=ZERO, total=ZERO, sha256="0" * 64)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (TAKEN, Acknowledged("x", Totals(), "0" * 64)),
        (Unreachable("no answer in time"), Unanswered("no answer in time")),
        (refusal("store_unavailable", retryable=True), Unanswered("store_unavailable: why", spoke=True)),
        (refusal("registry_gap", expected=3), Expected(3)),
        (
            refusal("registry_gap", expected="three"),
            Unanswered("registry_gap: why", spoke=True, alarm="registry_not_taken"),
        ),
        (
            refusal("terminal_revoked"),
            Unanswered("terminal_revoked: why", spoke=True, alarm="registry_not_taken"),
        ),
        *((refusal(code), Refused(f"{code}: why")) for code in ABOUT_THE_BYTES),
    ],
)
async def test_an_answer_of_the_gateway_means_what_it_says(spool, answer, meaning) -> None:
    (series,) = series_of("ATM00017", "0123abcd", ALMATY)
    rounds = Rounds(spool, (series,), now=spool.now, raise_alarm=lambda *_: None)
    await rounds.build()
    (registry_id,) = await rounds.build(ahead=True)
    assert registry_id == "ATM00017-TERM-0123abcd-1"
    registry = await spool.read(lambda tx: load(tx, registry_id))
    gateway = Gateway(answer)
    assert await TerminalUplink(gateway).send(registry, body(spool, registry)) == meaning
    ((terminal, number, content),) = gateway.asked
    assert (terminal, number) == ("ATM00017", "0123abcd-1")
    assert content.startswith(b"H;1;TERM;ATM00017;ATM00017-TERM-0123abcd-1;")


async def test_a_refusal_that_lasts_is_alarmed_once_and_again_when_it_comes_back(spool) -> None:
    (series,) = series_of("ATM00017", "0123abcd", ALMATY)
    rounds = Rounds(spool, (series,), now=spool.now, raise_alarm=lambda *_: None)
    await rounds.build()
    (registry_id,) = await rounds.build(ahead=True)
    registry = await spool.read(lambda tx: load(tx, registry_id))
    shut_out = refusal("terminal_revoked")
    gateway = Gateway(shut_out)
    uplink = TerminalUplink(gateway)
    alarms = []
    for answer in (shut_out, shut_out, Unreachable("no answer"), shut_out, TAKEN, shut_out):
        gateway.answer = answer
        alarms.append(getattr(await uplink.send(registry, body(spool, registry)), "alarm", None))
    assert alarms == ["registry_not_taken", None, None, None, None, "registry_not_taken"]


def test_a_requisite_of_another_name_is_the_account(book) -> None:
    reporter = Reporter(None, terminal="ATM00017", time_zone=ALMATY)
    sums = {name: Money(amount_minor=1) for name in ("amount", "fee")}
    other = journey(
        requisites=[Requisite(code="contract", value="77-1")],
        payment_id="01935b2e-0000-7000-8000-000000000001",
        receipt_number="000001",
        sent_at=NOW,
        total=Money(amount_minor=2),
        **sums,
    )
    assert reporter._operation(other).account == "77-1"
