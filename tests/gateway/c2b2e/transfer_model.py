"""Two banks that follow our tables, a platform that follows the source, and letters between them that go astray.

Kinds of letters are steps of PROTOCOLS §3;
who drives decides what becomes of each attempt, and counts what card hosts held, captured, released, credited.
"""

from dataclasses import dataclass, field
from typing import Final

from gateway.c2b2e import answers, payee, payer
from gateway.state_table import advance
from tests.gateway.c2b2e.platform_model import ATTEMPTS, Fate, Letter, Platform

PAYEES_QUESTIONS: Final = 3
TO_THE_END: Final = frozenset({"16", "17", "rjct payee", "rjct payer"})  # the duty to tell has no end
TO_PLATFORM: Final = frozenset({"2", "4", "9", "13", "16.1", "17.1"})


@dataclass
class PayerBank:
    world: "World"
    state: payer.State = payer.START
    held: int = 0
    captured: int = 0
    released: int = 0
    done: list[payer.Step] = field(default_factory=list)

    def play(self, event: payer.Event) -> int:
        """Returns the HTTP status for the message behind it, if there is one."""
        http = payer.ANSWERS.get((self.state, event), 200)
        row = advance(payer.TABLE, self.state, event)
        self.state = row.next
        self.done += row.steps
        for step in row.steps:
            self._do(step)
        return http

    def _do(self, step: payer.Step) -> None:
        match step:
            case payer.Step.SPOOL_ORDER:
                self.world.post("9")
            case payer.Step.SPOOL_QUESTION:
                self.world.post("17.1")
            case payer.Step.STOP_QUESTIONS:
                self.world.close("9", "17.1")
            case payer.Step.CLOSE_REQUEST:
                self.world.close("2")
            case payer.Step.SPOOL_CAPTURE:
                self.held, self.captured = self.held - 1, self.captured + 1
            case payer.Step.SPOOL_REVERSAL:
                self.released += 1
                self.held = 0

    def confirm(self) -> None:
        self.play(payer.Event.CONFIRMED)
        self.play(payer.Event.ACCOUNT_FIT)

    def hold(self) -> None:
        self.held = 1
        self.play(payer.Event.HOLD_APPROVED)

    def card_host_answers(self) -> None:
        if self.state is payer.State.REJECTED:
            self.play(payer.Event.RELEASED)

    def take(self, letter: Letter) -> int:
        told = {
            "PAYMENT": payer.Event.DETAILS_GIVEN,
            "ERROR": payer.Event.DETAILS_REFUSED,
            "PDNG": payer.Event.PENDING_TOLD if letter.kind == "14" else payer.Event.PENDING_ANSWERED,
            "ACSC": payer.Event.SETTLED_TOLD,
            "RJCT": payer.Event.REJECTED_TOLD,
        }
        return self.play(told[letter.status])

    def answered(self, letter: Letter, http: int | None) -> None:
        first = letter.attempts == 1
        event = {
            "2": answers.to_request(http),
            "9": answers.to_order(http, first=first),
            "17.1": answers.to_payers_question(http, too_late_for_the_order=self.world.long_over),
        }[letter.kind]
        if event is not None:
            self.play(event)


@dataclass
class PayeeBank:
    world: "World"
    state: payee.State | None = None  # nobody has asked for details
    credited: int = 0
    asked: int = 0
    orders: int = 0
    done: list[payee.Step] = field(default_factory=list)

    def play(self, event: payee.Event) -> int:
        if self.state is None:
            return 404
        http = payee.ANSWERS.get((self.state, event), 200)
        row = advance(payee.TABLE, self.state, event)
        self.state = row.next
        self.done += row.steps
        for step in row.steps:
            self._do(step)
        return http

    def _do(self, step: payee.Step) -> None:
        match step:
            case payee.Step.SPOOL_PENDING:
                self.world.post("13", "PDNG")
            case payee.Step.SPOOL_REJECTION:
                self.world.post("13", "RJCT")
            case payee.Step.SPOOL_QUESTION:
                self.asked += 1
                self.world.post("16.1")
            case payee.Step.STOP_QUESTIONS:
                self.world.close("13", "16.1")
            case payee.Step.SPOOL_CREDIT:
                self.credited += 1

    def deadline(self) -> None:
        """The next of its instants, counted from the first attempt of its PDNG."""
        if payee.Step.START_QUESTIONS in self.done:
            over = self.asked == PAYEES_QUESTIONS
            self.play(payee.Event.QUESTIONS_OVER if over else payee.Event.QUESTION_DUE)

    def take(self, letter: Letter) -> int:
        if letter.kind == "3":
            if self.state is None:
                self.state = payee.START
                self.world.post("4", "PAYMENT")
            return 200
        if letter.kind == "11":  # a repeat of the same bytes is answered by whoever keeps answers
            self.orders += 1
            repeated = self.orders > 1 and self.state is not payee.State.DETAILED
            return 200 if repeated else self.play(payee.Event.ORDER_TAKEN)
        told = {
            "PDNG": payee.Event.PENDING_TOLD,
            "ACSC": payee.Event.SETTLED_TOLD,
            "RJCT": payee.Event.REJECTED_TOLD,
        }
        return self.play(told[letter.status])

    def leaves(self, letter: Letter) -> None:
        if (letter.kind, letter.status, letter.attempts) == ("13", "PDNG", 1):
            self.play(payee.Event.PENDING_LEAVES)

    def answered(self, letter: Letter, http: int | None) -> None:
        event = answers.to_pending(http, first=letter.attempts == 1) if letter.status == "PDNG" else None
        if event is not None:
            self.play(event)


class World:
    """One transfer. `letters` are what is still to be delivered, `astray` the copies that may yet arrive."""

    def __init__(self) -> None:
        self.payer = PayerBank(self)
        self.payee = PayeeBank(self)
        self.platform = Platform(self)
        self.letters: list[Letter] = []
        self.astray: list[Letter] = []
        self.life_over = False
        self.long_over = False
        self.post("2")

    def post(self, kind: str, status: str = "") -> None:
        self.letters.append(Letter(kind, status))

    def close(self, *kinds: str) -> None:
        for letter in self.letters:
            if letter.kind in kinds:
                letter.open = False
        self.letters = [letter for letter in self.letters if letter.open]

    def attempt(self, letter: Letter, fate: Fate = Fate.ARRIVES) -> None:
        sender, receiver = self._ends(letter.kind)
        letter.attempts += 1
        if isinstance(sender, PayeeBank):
            sender.leaves(letter)
        http: int | None = 422 if fate in {Fate.INVALID, Fate.INVALID_BEHIND} else None
        if fate in {Fate.ARRIVES, Fate.ANSWER_LOST, Fate.INVALID_BEHIND}:
            said = receiver.take(letter)
            http = said if fate is Fate.ARRIVES else http
        if fate is Fate.INVALID and isinstance(receiver, Platform):
            receiver.invalid(letter)
        if fate is not Fate.INVALID:
            self.astray.append(letter)
        if not self._again(letter, http) and letter in self.letters:
            self.letters.remove(letter)
        sender.answered(letter, http)

    def _again(self, letter: Letter, http: int | None) -> bool:
        """A refusal behind an unanswered attempt proves nothing: a bank may have credited at that attempt."""
        if answers.retryable(http):
            return letter.attempts < ATTEMPTS or letter.kind in TO_THE_END
        return letter.kind == "16" and http != 200 and letter.attempts > 1

    def stray(self, letter: Letter) -> None:
        """A copy arrives once more, or late, and nobody waits for its answer."""
        self._ends(letter.kind)[1].take(letter)

    def end_life(self) -> None:
        self.life_over = True
        self.platform.reject("BLOCKED", "FORWARDED", "ACCEPTED")

    def _ends(self, kind: str) -> tuple[PayerBank | PayeeBank | Platform, PayerBank | PayeeBank | Platform]:
        if kind in {"2", "9", "17.1"}:
            return self.payer, self.platform
        if kind in {"4", "13", "16.1"}:
            return self.payee, self.platform
        to_payer = kind in {"5", "14", "17", "17.1 answer", "rjct payer"}
        return self.platform, self.payer if to_payer else self.payee
