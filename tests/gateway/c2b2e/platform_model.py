"""A platform that follows the source and knows nothing of our tables, and the letters that it gets and writes."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from gateway.c2b2e import answers

ATTEMPTS: Final = 4


class Fate(Enum):
    """What becomes of one attempt: does it arrive, and which status does the sender see?"""

    ARRIVES = "arrives"
    LOST = "lost"
    ANSWER_LOST = "its answer is lost"
    INVALID = "it fails validation"
    INVALID_BEHIND = "it takes effect behind a refusal"  # a fault of the platform only


@dataclass(eq=False)
class Letter:
    kind: str
    status: str = ""  # of a pacs.002; of an admi.010 PAYMENT or ERROR
    attempts: int = 0
    open: bool = True


@dataclass
class Platform:
    world: Any  # of `transfer_model`, which delivers what is posted
    enquiry: str | None = None
    state: str | None = None
    refuses: frozenset[str] = frozenset()  # steps of its own: 10, 15

    def take(self, letter: Letter) -> int:
        match letter.kind:
            case "2" if self.enquiry is None:
                self.enquiry = "ASKED"
                self.world.post("3")
            case "4":
                self.report(letter.status)
            case "9":
                self._order()
            case "13":
                return self._status(letter.status)
            case "16.1" | "17.1":
                return self._question(letter.kind)
        return 200

    def report(self, status: str) -> None:
        if self.enquiry == "ASKED":
            self.enquiry = status
            self.world.post("5", status)

    def _order(self) -> None:
        if self.state is None:
            refused = "10" in self.refuses or self.world.life_over
            self.state = "REJECTED" if refused else "BLOCKED"
            self.world.post(*(("rjct payer", "RJCT") if refused else ("11",)))

    def _status(self, status: str) -> int:
        if self.state is None:
            return 404
        if self.state in {"BLOCKED", "FORWARDED"}:
            self.state = "ACCEPTED" if status == "PDNG" else "REJECTED"
            self.world.post(*(("14", "PDNG") if status == "PDNG" else ("rjct payer", "RJCT")))
        return 200

    def _question(self, kind: str) -> int:
        if self.state is None:
            return 404
        says = {"SETTLED": "ACSC", "REJECTED": "RJCT"} | ({"COMMITTED": "ACSC"} if kind == "16.1" else {})
        self.world.post(f"{kind} answer", says.get(self.state, "PDNG"))
        return 200

    def invalid(self, letter: Letter) -> None:
        """An answer of the payee's bank that failed its validation ends the chain."""
        if letter.kind == "4":
            self.report("ERROR")
        if letter.kind == "13":
            self.reject("BLOCKED", "FORWARDED")

    def reject(self, *states: str) -> None:
        if self.state in states:
            self.state = "REJECTED"
            self.world.post("rjct payer", "RJCT")
            self.world.post("rjct payee", "RJCT")

    def answered(self, letter: Letter, http: int | None) -> None:
        taken, silent = http == 200, answers.retryable(http)
        if silent and letter.attempts < ATTEMPTS:
            return
        match letter.kind:
            case "3" if not taken:
                self.report("ERROR")
            case "11" if taken and self.state == "BLOCKED":
                self.state = "FORWARDED"
            case "11" if not taken:
                self.reject("BLOCKED")
            case "14" if taken and "15" not in self.refuses and self.state == "ACCEPTED":
                self.state = "COMMITTED"
                self.world.post("16", "ACSC")
            case "14":
                self.reject("ACCEPTED")
            case "16" | "16.1 answer" if taken and letter.status == "ACSC" and self.state == "COMMITTED":
                self.state = "SETTLED"
                self.world.post("17", "ACSC")
            case "16" if letter.attempts == 1 and not silent:
                self.reject("COMMITTED")
