"""A terminal's registries and its gateway, both real, in simulated time: three hours pass without one of them."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest

from agent.journal import Journal
from agent.migrations import ROOMS as AGENT_ROOMS
from agent.readiness import gateways_time
from agent.registry import installation, series_of, terminal_registry
from gateway.alarms import open_alarms
from gateway.bills.checks import Check, insert_check
from gateway.bills.moves import Evidence, Moves
from gateway.bills.numbering import new_rrn, new_stan, new_txn_id, set_floors
from gateway.bills.payment import Payment
from gateway.bills.payment_states import Event, State
from gateway.bills.steps import Steps
from gateway.client import Refusal, Unreachable
from gateway.contract import FeeRule, Money, Readiness, RegistryTaken
from gateway.eport.codec import XML
from gateway.migrations import ROOMS as GATEWAY_ROOMS
from gateway.money import Amount
from gateway.problems import ProblemError, problem
from gateway.registry.changes import record
from gateway.registry.layout import Kind, Operation, Status
from gateway.registry.terminals import TerminalRegistries
from gateway.settings import TimersSection
from spool import Breakers, BreakerSettings, Forwarder, Spool
from tests.gateway.registry.conftest import ALMATY, SCHEDULE, VirtualTimeLoop, Wall
from tests.gateway.scripted import ScriptedFunds

HOUR = 3600.0
ROOMS_OF = {"agent": AGENT_ROOMS, "gateway": GATEWAY_ROOMS}
TERMINAL = "ATM00017"


async def store_of(path, room: str, wall: Wall) -> Spool:
    rooms = ROOMS_OF[room]
    return await Spool.open(path, rooms=rooms, now=wall, random=Random(1), threaded=False)


@dataclass
class Link:
    """To the gateway's own desk; it may be down, bring the question and lose the answer, or meet a full disk."""

    desk: TerminalRegistries
    now: Wall
    is_up: bool = True
    takes: bool = True
    loses_answers: int = 0

    async def readiness(self) -> Readiness:
        if not self.is_up:
            raise Unreachable("no answer in time")
        return Readiness(ready=True, reasons=[], time=self.now())

    async def put_registry(self, terminal: str, number: str, content: bytes) -> RegistryTaken:
        if not self.is_up:
            raise Unreachable("no answer in time")
        if not self.takes:
            raise Refusal(problem("store_unavailable", "the disk is full"))
        try:
            answer = await self.desk.put(terminal, number, content)
        except ProblemError as refused:
            raise Refusal(refused.document) from None
        if self.loses_answers:
            self.loses_answers -= 1
            raise Unreachable("no answer in time")
        return RegistryTaken.model_validate_json(answer)


class Books:
    """The gateway's payments; `pay` has the terminal tell of one, unless it is to lose it."""

    def __init__(self, store: Spool, wall: Wall) -> None:
        self.store = store
        self._wall = wall
        steps = Steps(
            funds=ScriptedFunds(), codec=XML, point="10001", time_zone=ALMATY, timers=TimersSection()
        )
        self._moves = Moves(steps.effects(), [])
        self.told: list[str] = []

    async def pay(self, terminal: Spool, *, tells: bool = True) -> str:
        payment = await self.store.write(self._hold)
        if tells:
            await self._tell(terminal, payment, Status.PENDING)
        await asyncio.sleep(60)
        for event in (Event.HOLD_APPROVED, Event.PAYMENT_ACCEPTED):
            payment = await self.store.write(
                lambda tx, event=event, of=payment.payment_id: self._moves.apply(tx, of, event, Evidence())
            )
        if tells:
            await self._tell(terminal, payment, Status.ACCEPTED)
            self.told.append(payment.payment_id)
        await asyncio.sleep(540)
        return payment.payment_id

    async def _tell(self, terminal: Spool, payment: Payment, status: Status) -> None:
        operation = Operation(
            txn_id=payment.txn_id,
            terminal=TERMINAL,
            product=payment.check.product,
            account="7011234567",
            sum=payment.amount,
            fee=payment.fee,
            total=payment.total,
            accepted_at=payment.accepted_at.astimezone(ALMATY),
            status=status,
            rrn=payment.rrn,
            payment_id=payment.payment_id,
            ending="paid" if status is Status.ACCEPTED else "",
            receipt_number="000017",
        )
        await terminal.write(lambda tx: record(tx, payment.payment_id, operation, Kind.TERM))

    def _hold(self, tx) -> Payment:
        now = self._wall()
        check = _offer(new_txn_id(tx, ALMATY), now)
        insert_check(tx, check)
        payment = Payment(
            payment_id=f"01935b2e-0000-7000-8000-{int(check.check_id) % 10**9:012d}",
            terminal=TERMINAL,
            request_digest=b"d" * 32,
            state=State.HOLDING,
            moves=1,
            amount=Amount.parse("1500.00"),
            fee=Amount.parse("45.00"),
            total=Amount.parse("1545.00"),
            txn_id=new_txn_id(tx, ALMATY),
            rrn=new_rrn(tx, ALMATY),
            stan=new_stan(tx, TERMINAL),
            acquirer="123456",
            merchant="TOLEM0000000001",
            accepted_at=now,
            changed_at=now,
            check=check,
        )
        self._moves.begin(tx, payment)
        return payment

    async def taken(self) -> list[int]:
        rows = await self.store.read(
            lambda tx: list(tx.execute("SELECT n FROM terminal_registry ORDER BY n"))
        )
        return [n for (n,) in rows]

    async def known(self) -> list[tuple[str, str]]:
        return await self.store.read(
            lambda tx: list(tx.execute("SELECT payment_id, ending FROM terminal_payment ORDER BY payment_id"))
        )

    async def alarms(self) -> set[tuple[str, str]]:
        return {(alarm.name, alarm.subject) for alarm in await self.store.read(open_alarms)}


def _offer(check_id: str, now: datetime) -> Check:
    return Check(
        check_id=check_id,
        terminal=TERMINAL,
        product="beeline-kz",
        provider="beeline",
        catalogue_version="0123456789abcdef",
        requisites=(("account", "7011234567"),),
        fields=(),
        amount=Amount.parse("1500.00"),
        minimum=Amount.parse("100.00"),
        maximum=Amount.parse("50000.00"),
        debt=None,
        fee_rule=FeeRule(percent_hundredths=300, minimum=Money(amount_minor=0)),
        offered_at=now,
        valid_until=now + timedelta(hours=1),
    )


@pytest.fixture
def run(tmp_path):
    """`run(main)`: main(books, link, life) on a loop of its own, in virtual time; `async with life() as store`
    is one life of the terminal.
    """
    wall = Wall()

    @asynccontextmanager
    async def life(link: Link):
        async with await store_of(tmp_path / "agent.db", "agent", wall) as store:
            installed = await store.write(lambda tx: installation(tx, lambda _: b"\x01\x23\xab\xcd"))
            series = series_of(TERMINAL, installed, ALMATY)
            journal = Journal(store, batch_seconds=0)
            registry = terminal_registry(
                store,
                series,
                link,
                journal,
                schedule=SCHEDULE,
                now=wall,
                others_time=partial(gateways_time, link),
            )
            breakers = Breakers(store, BreakerSettings(opens_after=1000))
            forwarder = Forwarder(store, registry.exchange.routes(), breakers=breakers)
            running = [asyncio.create_task(forwarder.run()), asyncio.create_task(registry.rounds.run())]
            try:
                yield store
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)

    async def all_of_it(main) -> None:
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(await store_of(tmp_path / "gateway.db", "gateway", wall))
            await store.write(lambda tx: set_floors(tx, configured=None, restored=None))
            link = Link(TerminalRegistries(store), wall)
            await main(Books(store, wall), link, lambda: life(link))

    def on_its_loop(main) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(all_of_it(main))

    return on_its_loop


async def assert_nothing_is_lost(books: Books, *, lost: str) -> None:
    """Registries without a gap, what was told with its ending, and an alarm for the one payment not told of."""
    numbers = await books.taken()
    assert numbers == list(range(1, 12))
    assert await books.known() == [(payment_id, "paid") for payment_id in sorted(books.told)]
    assert await books.alarms() == {("terminal_payment_lost", lost)}


@pytest.mark.parametrize("broken", ["is_up", "takes"])
def test_three_hours_without_the_link_or_with_a_gateway_that_takes_nothing(run, broken) -> None:
    async def main(books, link, life) -> None:
        async with life() as terminal:
            for _ in range(5):
                await books.pay(terminal)
            lost = await books.pay(terminal, tells=False)
            setattr(link, broken, False)
            await books.pay(terminal)
            await asyncio.sleep(3 * HOUR)
            assert await books.taken() == [1, 2]
            setattr(link, broken, True)
            link.loses_answers = 2
            for _ in range(3):
                await books.pay(terminal)
            await asyncio.sleep(HOUR)
            await assert_nothing_is_lost(books, lost=lost)

    run(main)


def test_three_hours_without_the_terminals_own_process(run) -> None:
    async def main(books, link, life) -> None:
        async with life() as terminal:
            for _ in range(5):
                await books.pay(terminal)
            lost = await books.pay(terminal, tells=False)
            await books.pay(terminal)
        await asyncio.sleep(3 * HOUR)
        async with life() as terminal:
            for _ in range(3):
                await books.pay(terminal)
            await asyncio.sleep(HOUR)
            await assert_nothing_is_lost(books, lost=lost)

    run(main)


def test_a_gateway_that_was_restored_gets_again_what_it_forgot(run) -> None:
    async def main(books, link, life) -> None:
        async with life() as terminal:
            lost = await books.pay(terminal, tells=False)
            for _ in range(20):
                await books.pay(terminal)
            await books.store.write(lambda tx: tx.execute("DELETE FROM terminal_registry WHERE n > 3"))
            await books.store.write(lambda tx: tx.execute("DELETE FROM terminal_payment"))
            assert await books.taken() == [1, 2, 3]
            await asyncio.sleep(2 * HOUR)
            assert await books.taken() == list(range(1, 12))
            assert {payment_id for payment_id, _ in await books.known()} >= set(books.told[12:])
            assert ("terminal_payment_lost", lost) in await books.alarms()

    run(main)
