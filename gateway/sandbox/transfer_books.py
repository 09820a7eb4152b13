"""Three books of C2B2E transfers, compared line by line: the payer's card host, the platform, the payee's. Pure.

A line is one transfer, by its TxId. A card host knows no TxId: which hold and which credit belong to it is
told by each bank's own orders, whose word on anything else is compared too and believed nowhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.sandbox.books import CardRow, card_says


@dataclass(frozen=True)
class PlatformRow:
    """A pacs.008 as the platform's ledger has it; `amount` in tiyn."""

    tx_id: str
    end_to_end_id: str
    payer: str
    payee: str
    amount: int
    state: str  # of transfer_states.State
    reason: str | None = None


@dataclass(frozen=True)
class CreditRow:
    """A credit as the payee's card host has it; `amount` in tiyn."""

    rrn: str
    terminal: str
    amount: int
    violations: tuple[str, ...] = ()


@dataclass(frozen=True)
class OrderRow:
    """A bank's own word on one transfer: its end, and the RRN that its card host knows it by.

    `ending` is "open", "settled" or "rejected"; `rrn` None: its card host was told nothing yet; `fee` is captured too.
    """

    tx_id: str
    ending: str
    amount: int
    terminal: str
    rrn: str | None = None
    fee: int = 0


# What the states of a bank's own book come to, in the words of PROTOCOLS and DESIGN §5. A payer's order is open
# as long as its card host may hold something for it.
PAYER_ENDINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ASKED", "DETAILED", "CHECKING", "HOLDING", "ORDERED", "PENDING", "REJECTED"), "open"),
    **dict.fromkeys(("RELEASED", "FAILED"), "rejected"),
    "SETTLED": "settled",
}
PAYEE_ENDINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("DETAILED", "CHECKING", "PENDING", "ABANDONED"), "open"),
    **dict.fromkeys(("REJECTED", "LAPSED"), "rejected"),
    "SETTLED": "settled",
}


class TransferDifference(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    DEBIT_WITHOUT_COMMIT = "debit without commit"
    CREDIT_WITHOUT_COMMIT = "credit without commit"
    SETTLED_WITHOUT_CREDIT = "settled without credit"
    RELEASED_WHILE_COMMITTED = "released while committed"
    HELD_AFTER_THE_END = "held after the end"
    AMOUNT_DIFFERS = "amount differs"
    ENDINGS_DIFFER = "endings differ"
    RULE_BROKEN = "rule broken"


@dataclass(frozen=True)
class TransferFinding:
    kind: TransferDifference
    says: str


@dataclass(frozen=True)
class TransferLine:
    """One transfer in all books. `open`: it has no end yet, and nobody is wrong so far."""

    tx_id: str | None
    payer: Sequence[OrderRow]
    holds: Sequence[CardRow]
    platform: Sequence[PlatformRow]
    payee: Sequence[OrderRow]
    credits: Sequence[CreditRow]
    findings: Sequence[TransferFinding]
    open: bool

    @property
    def says(self) -> str:
        """Which book says what, in one line."""
        books = (
            ("payer's card host", [card_says(row) for row in self.holds]),
            ("platform", [row.state for row in self.platform]),
            ("payee's card host", [f"credited {row.amount}" for row in self.credits]),
        )
        return "; ".join(f"{name}: {', '.join(rows) or 'nothing'}" for name, rows in books)


@dataclass(frozen=True)
class TransferComparison:
    lines: Sequence[TransferLine]

    @property
    def agree(self) -> bool:
        return not any(line.findings for line in self.lines)

    @property
    def open(self) -> int:
        return sum(line.open for line in self.lines)

    @property
    def differences(self) -> Mapping[TransferDifference, int]:
        return Counter(finding.kind for line in self.lines for finding in line.findings)


@dataclass(frozen=True)
class BankBooks:
    """One bank's word, and its card host's. The payer's card host tells holds, the payee's credits."""

    orders: Iterable[OrderRow]
    holds: Iterable[CardRow] = ()
    credits: Iterable[CreditRow] = ()


def compare_transfers(
    payer: BankBooks, platform: Iterable[PlatformRow], payee: BankBooks
) -> TransferComparison:
    """Join and judge. The platform's transfers come first, in its own order, then what it does not know.

    A hold that no order of the payer's names is another business's (a bill), and left out; a credit that
    no order of the payee's names is a line of its own.
    """
    lines: dict[str, _Joined] = {}
    for row in platform:
        lines.setdefault(row.tx_id, _Joined()).platform.append(row)
    for order in payer.orders:
        lines.setdefault(order.tx_id, _Joined()).payer.append(order)
    for order in payee.orders:
        lines.setdefault(order.tx_id, _Joined()).payee.append(order)
    by_hold = {_key(one): line for line in lines.values() for one in line.payer if one.rrn}
    by_credit = {_key(one): line for line in lines.values() for one in line.payee if one.rrn}
    for hold in payer.holds:
        if line := by_hold.get((hold.terminal, hold.rrn)):
            line.holds.append(hold)
    strays = []
    for credit in payee.credits:
        line = by_credit.get((credit.terminal, credit.rrn))
        if line is None:
            strays.append(line := _Joined())
        line.credits.append(credit)
    named: list[tuple[str | None, _Joined]] = [*lines.items(), *((None, stray) for stray in strays)]
    return TransferComparison([_judge(tx_id, line) for tx_id, line in named])


def _key(order: OrderRow) -> tuple[str, str | None]:
    return order.terminal, order.rrn


@dataclass(frozen=True)
class _Joined:
    payer: list[OrderRow] = field(default_factory=list)
    holds: list[CardRow] = field(default_factory=list)
    platform: list[PlatformRow] = field(default_factory=list)
    payee: list[OrderRow] = field(default_factory=list)
    credits: list[CreditRow] = field(default_factory=list)

    @property
    def state(self) -> str | None:
        return self.platform[0].state if self.platform else None

    @property
    def held(self) -> int:
        return sum(row.held for row in self.holds)

    @property
    def captured(self) -> int:
        return sum(row.captured for row in self.holds)

    @property
    def credited(self) -> int:
        return sum(row.amount for row in self.credits)


_COMMITTED: Final = frozenset({"COMMITTED", "SETTLED"})
_OPEN: Final = frozenset({"open"})
_ENDINGS: Final[Mapping[str | None, frozenset[str]]] = {
    "SETTLED": frozenset({"settled", "open"}),
    "REJECTED": frozenset({"rejected", "open"}),
    None: frozenset({"rejected", "open"}),
}


def _judge(tx_id: str | None, line: _Joined) -> TransferLine:
    findings = [finding for rule in _RULES for finding in rule(line)]
    waits = any(order.ending == "open" for order in (*line.payer, *line.payee)) or (
        line.state not in {"SETTLED", "REJECTED", None}
    )
    return TransferLine(
        tx_id, line.payer, line.holds, line.platform, line.payee, line.credits, findings, open=waits
    )


_Findings = Iterator[TransferFinding]


def _lost(line: _Joined) -> _Findings:
    if not line.platform and line.payee:
        yield TransferFinding(
            TransferDifference.LOST, "the payee has an order that the platform does not know"
        )
    if line.platform and not line.payer:
        yield TransferFinding(
            TransferDifference.LOST, "the platform has an order that the payer does not know"
        )
    if line.state in _COMMITTED and not line.payee:
        yield TransferFinding(
            TransferDifference.LOST, "the platform has committed what the payee does not know"
        )


def _doubled(line: _Joined) -> _Findings:
    for book, rows in (("payer", line.payer), ("payer's card host", line.holds), ("platform", line.platform)):
        if len(rows) > 1:
            yield TransferFinding(TransferDifference.DOUBLED, f"the {book} has it {len(rows)} times")
    if len(line.credits) > 1:
        yield TransferFinding(TransferDifference.DOUBLED, f"credited {len(line.credits)} times")


def _debit(line: _Joined) -> _Findings:
    if line.captured and line.state != "SETTLED":
        kind = TransferDifference.DEBIT_WITHOUT_COMMIT
        yield TransferFinding(kind, f"the payer's card host has captured; the platform says {line.state}")
    told = {order.ending for order in line.payer}
    if line.state in _COMMITTED and line.payer and not line.held and not line.captured:
        kind = TransferDifference.RELEASED_WHILE_COMMITTED
        yield TransferFinding(kind, f"the platform says {line.state}; the payer's card host holds nothing")
    if line.held and told and "open" not in told:
        kind = TransferDifference.HELD_AFTER_THE_END
        yield TransferFinding(kind, f"the payer says {', '.join(sorted(told))}; its card host still holds")


def _credit(line: _Joined) -> _Findings:
    if line.credits and line.state not in _COMMITTED:
        kind = TransferDifference.CREDIT_WITHOUT_COMMIT
        yield TransferFinding(kind, f"the payee's card host has credited; the platform says {line.state}")
    settled = any(order.ending == "settled" for order in line.payee)
    if line.state == "SETTLED" and settled and not line.credits:
        kind = TransferDifference.SETTLED_WITHOUT_CREDIT
        yield TransferFinding(kind, "the payee says settled; its card host has credited nothing")


def _amounts(line: _Joined) -> _Findings:
    told = {order.amount for order in (*line.payer, *line.payee)}
    told |= {row.amount for row in line.platform} | {row.amount for row in line.credits}
    fee = sum(order.fee for order in line.payer)
    told |= {row.captured - fee for row in line.holds if row.captured}
    if len(told) > 1:
        yield TransferFinding(TransferDifference.AMOUNT_DIFFERS, f"tiyn: {sorted(told)}")


def _endings(line: _Joined) -> _Findings:
    allowed = _ENDINGS.get(line.state, _OPEN)
    payee_allowed = _OPEN | {"settled"} if line.state == "COMMITTED" else allowed  # it learns first
    for side, orders, endings in (("payer", line.payer, allowed), ("payee", line.payee, payee_allowed)):
        for order in orders:
            if order.ending not in endings:
                yield TransferFinding(
                    TransferDifference.ENDINGS_DIFFER,
                    f"the {side} says {order.ending}; the platform says {line.state}",
                )


def _rules_of_the_card_hosts(line: _Joined) -> _Findings:
    violations = [row.violations for row in line.holds] + [row.violations for row in line.credits]
    for told in violations:
        for violation in told:
            yield TransferFinding(TransferDifference.RULE_BROKEN, f"a card host saw: {violation}")


_RULES: Final[tuple[Callable[[_Joined], _Findings], ...]] = (
    _lost,
    _doubled,
    _debit,
    _credit,
    _amounts,
    _endings,
    _rules_of_the_card_hosts,
)
