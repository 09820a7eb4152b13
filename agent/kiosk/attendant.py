"""Serves the one person at the screen: presses come in, the scene changes, journeys are lived.

Nothing here decides where a press leads: `session.TABLE` does for the session, `journeys.bill` for the journey.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from agent.journeys.bill import Event as JourneyEvent
from agent.journeys.customer import Leaving
from agent.kiosk import errands
from agent.kiosk.answers import answer_of
from agent.kiosk.customer import KioskCustomer
from agent.kiosk.desk import Desk, TransferDesk
from agent.kiosk.merchant import KioskMerchant
from agent.kiosk.presses import Press, at_requisite, read
from agent.kiosk.scans import read_scan
from agent.kiosk.scene import Ask, Scene
from agent.kiosk.screens import Screen, screen
from agent.kiosk.session import Event, Happened, Mode, Session, Stage, Step, moved
from agent.orders import Serves
from agent.receipt_facts import TerminalFacts
from agent.texts import Language
from gateway.providers.product import Catalogue

LONGEST_DRAFT: Final = 255


class Attendant:
    """`life` tells this process from its predecessors, whose sequence numbers mean nothing any more."""

    def __init__(self, desk: Desk, *, facts: TerminalFacts, languages: Sequence[Language], life: str) -> None:
        self._desk = desk
        self._facts = facts
        self._languages = tuple(languages)
        self._life = life
        self._count = 0
        self._session = Session(language=self._languages[0])
        self._customer = KioskCustomer(self._journey_moved)
        self._merchant = KioskMerchant(self._journey_moved)
        self._after: Happened | None = None  # why the person left the journey, if they did
        self._catalogue: Catalogue | None = None
        self._obstacles: tuple[str, ...] | None = None
        self._shortcuts: tuple[str, ...] = ()
        self._left_card_taken = False
        self._changed = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()
        self._acts: Mapping[str, Callable[[Press], None]] = {
            "mode": self._mode,
            "stay": self._stay,
            "again": self._again,
            "cancel": self._cancel,
            "change": self._change,
        }
        self._steps: Mapping[Step, Callable[[], None]] = {
            Step.PAY: self._pay,
            Step.PAY_LINK: self._pay_link,
            Step.SELL: self._sell,
            Step.LIST_SALES: lambda: self._begin(errands.list_sales(self._transfers)),
            Step.REPRINT_SLIP: lambda: self._begin(errands.reprint_slip(self._transfers, self._session)),
            Step.LOOK_UP: self._look_up,
            Step.REPRINT: self._reprint,
            Step.FORGET: self._forget_person,
            Step.FORGET_PAYMENT: self._forget_payment,
        }
        self.touched = asyncio.Event()  # somebody is there
        self.welcoming = asyncio.Event()  # the next person is awaited

    @property
    def scene(self) -> Scene:
        transfers = self._desk.transfers
        return Scene(
            session=self._session,
            seq=f"{self._life}.{self._count}",
            facts=self._facts,
            languages=self._languages,
            catalogue=self._catalogue,
            obstacles=self._obstacles,
            shortcuts=self._shortcuts,
            journey=self._customer.journey,
            question=self._customer.question,
            left_card_taken=self._left_card_taken,
            services=frozenset({Serves.BILLS}) if transfers is None else transfers.services,
            sale=self._merchant.sale,
        )

    @property
    def screen(self) -> Screen:
        return screen(self.scene)

    async def change(self, seq: str) -> None:
        """Return when the screen is no longer the one of `seq`."""
        while self.scene.seq == seq:
            await self._changed.wait()

    def press(self, press: Press) -> None:
        """What was pressed on another screen than the present one changes nothing: a double tap is one tap."""
        if press.seq != self.scene.seq:
            return
        self.touched.set()
        self._acts.get(press.action, self._answer_or_move)(press)

    def type(self, text: str, seq: str) -> None:
        """Keep what is being typed, so that nothing is lost with the browser. The screen stays the same."""
        if seq == self.scene.seq:
            self.touched.set()
            self._session = replace(self._session, draft=text[:LONGEST_DRAFT])

    def scan(self, text: str) -> None:
        """What the barcode reader has read."""
        happened = read_scan(self.scene, text)
        if happened is not None:
            self.touched.set()
            self._happen(happened)

    def ask_for_time(self) -> None:
        self._set(replace(self._session, asked_for_time=True))

    def walk_away(self) -> None:
        """Nobody is there any more. A journey hears it where its table allows."""
        if self._session.stage is not Stage.PAYING:
            self._happen(Happened(Event.WALKED_AWAY))
        elif self._leave(JourneyEvent.WALKED_AWAY, Happened(Event.WALKED_AWAY)):
            self._set(replace(self._session, asked_for_time=False))
        else:
            self._customer.answer(Ask.RECEIPT, value=False)

    def look(
        self, *, obstacles: Sequence[str], catalogue: Catalogue | None, shortcuts: Sequence[str]
    ) -> None:
        """What the next person meets, as far as nobody is being served."""
        seen = (tuple(obstacles), catalogue, tuple(shortcuts))
        if self._session.stage is Stage.WELCOME and seen != (
            self._obstacles,
            self._catalogue,
            self._shortcuts,
        ):
            self._obstacles, self._catalogue, self._shortcuts = seen
            self._tell()

    def left_card_taken(self) -> None:
        """Whoever left it took it after all; the next person's screen is none of its business."""
        if self._customer.journey is not None and self._customer.journey.card_left:
            self._left_card_taken = True
            self._tell()

    async def close(self, *, grace_seconds: float) -> None:
        """CANCEL is pressed for whoever is there; a payment on its way has so long."""
        self._customer.go(JourneyEvent.CANCELLED)
        self._merchant.stop()
        if self._working:
            await asyncio.wait(self._working, timeout=grace_seconds)
        for work in self._working:
            work.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    def _answer_or_move(self, press: Press) -> None:
        answer = answer_of(self.scene, press.action, press.value)
        if answer is not None and answer.fault is not None:
            self._happen(Happened(Event.VALUE_REFUSED, {"draft": press.value, "fault": answer.fault}))
        elif answer is not None:
            self._customer.answer(answer.ask, answer.value)
        elif (happened := read(self.scene, press)) is not None:
            self._happen(happened)

    def _mode(self, press: Press) -> None:
        if press.value in set(Mode):
            self._set(replace(self._session, modes=self._session.modes ^ {Mode(press.value)}))

    def _stay(self, _press: Press) -> None:
        self._set(replace(self._session, asked_for_time=False))

    def _again(self, press: Press) -> None:
        if self._session.stage is Stage.PAYING:
            self._cancel(press)
        else:
            self._happen(Happened(Event.STARTED_AGAIN))

    def _cancel(self, _press: Press) -> None:
        if self._merchant.stop() or self._leave(JourneyEvent.CANCELLED):
            self._set(replace(self._session, asked_for_time=False))

    def _change(self, press: Press) -> None:
        """Correct something that was typed: this journey ends, nothing was sent, and another will begin."""
        count = 0 if self.scene.product is None else len(self.scene.product.requisites)
        if press.value == "amount":
            self._leave(JourneyEvent.CANCELLED, Happened(Event.OTHER_SUM_WANTED))
        elif press.value.isascii() and press.value.isdigit() and int(press.value) < count:
            changes = at_requisite(self.scene, int(press.value))
            self._leave(JourneyEvent.CANCELLED, Happened(Event.CHANGE_WANTED, changes))

    def _leave(self, leaving: Leaving, after: Happened | None = None) -> bool:
        heard = self._customer.go(leaving)
        if heard:
            self._after = after
        return heard

    def _happen(self, happened: Happened) -> None:
        session, steps = moved(self._session, happened)
        self._set(session)
        for step in steps:
            self._steps[step]()
        if session.stage is Stage.WELCOME:
            self.welcoming.set()

    def _set(self, session: Session) -> None:
        if session != self._session:
            self._session = session
            self._tell()

    def _tell(self) -> None:
        self._count += 1
        self.touched.set()  # a new screen has its own time
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _journey_moved(self) -> None:
        self._session = replace(self._session, asked_for_time=False, draft="", fault=None)
        self._tell()

    def _pay(self) -> None:
        self._customer = KioskCustomer(self._journey_moved)
        self._after, self._left_card_taken = None, False
        self._begin(errands.pay(self._desk, self._session, self._customer))

    @property
    def _transfers(self) -> TransferDesk:
        """No press leads here where it is not there: `Scene.services`."""
        if self._desk.transfers is None:
            raise AssertionError("a link or a sale at a terminal for bills alone")
        return self._desk.transfers

    def _pay_link(self) -> None:
        self._forget_payment()
        self._after, self._left_card_taken = None, False
        self._begin(errands.pay_link(self._transfers, self._session, self._customer))

    def _sell(self) -> None:
        self._forget_payment()
        self._begin(errands.sell(self._transfers, self._session, self._merchant))

    def _look_up(self) -> None:
        self._begin(errands.look_up(self._desk.earlier, self._session))

    def _reprint(self) -> None:
        self._begin(errands.reprint(self._desk.earlier, self._session))

    def _begin(self, errand: Coroutine[Any, Any, Happened]) -> None:
        task = asyncio.create_task(self._done(errand))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _done(self, errand: Coroutine[Any, Any, Happened]) -> None:
        """A journey that the person left is followed by what they left it for."""
        happened = await errand
        if happened.event is Event.JOURNEY_ENDED and self._after is not None:
            happened = self._after
        self._happen(happened)

    def _forget_person(self) -> None:
        """The next one meets the first of the bank's languages."""
        self._forget_payment()
        self._set(Session(language=self._languages[0]))

    def _forget_payment(self) -> None:
        self._customer = KioskCustomer(self._journey_moved)
        self._merchant = KioskMerchant(self._journey_moved)
