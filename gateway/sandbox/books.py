"""Three independent books, compared line by line: the gateway's, e-port's, the card host's. Pure.

A line is one payment, joined by txn_id with e-port and by terminal and RRN with the card host. Nobody
is right by default: every finding says which book says what. A payment that the gateway honestly holds
in doubt, with the customer's hold kept, is `open`, not a difference.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


@dataclass(frozen=True)
class GatewayRow:
    """A payment as the gateway's store has it; sums in tiyn."""

    payment_id: str
    terminal: str
    state: str  # of DESIGN §5: HOLDING, PAYING, PENDING, UNRESOLVED, PAID, RELEASING, RELEASED, REFUSED
    txn_id: str
    rrn: str
    sum: int
    fee: int
    total: int
    eport_id: str | None = None


@dataclass(frozen=True)
class EportRow:
    """A bank_payment as e-port's ledger has it; sums in tiyn."""

    txn_id: str
    point: str
    terminal: str
    product: str
    account: str
    sum: int
    fee: int
    total: int
    rrn: str
    status: str  # PENDING, ACCEPTED, REFUSED, CANCELLED
    eport_id: str | None = None


@dataclass(frozen=True)
class CardRow:
    """A hold as the card host's ledger has it, in tiyn: what was approved is now held, captured or released.

    `violations` are the rules of PROTOCOLS §5 that the gateway broke with messages about this hold.
    """

    rrn: str
    terminal: str
    held: int
    captured: int
    released: int
    response_code: str | None = None  # field 39 of the 0110; None: no 0100 was seen
    violations: tuple[str, ...] = ()


class Difference(StrEnum):
    LOST = "lost"  # one side has a payment that another does not know
    DOUBLED = "doubled"
    RELEASED_WHILE_PROVIDER_HAS_IT = "released while the provider has it"
    CAPTURED_WITHOUT_PAYMENT = "captured without payment"
    HELD_WITHOUT_PAYMENT = "held without payment"  # the gateway has ended it, the customer's money is blocked
    AMOUNT_DIFFERS = "amount differs"
    IDENTIFIERS_DIFFER = "identifiers differ"
    RULE_BROKEN = "rule broken"  # the card host saw what PROTOCOLS §5 forbids


@dataclass(frozen=True)
class Finding:
    kind: Difference
    says: str


@dataclass(frozen=True)
class Line:
    """One payment in all three books. `open`: some book still waits for another."""

    gateway: Sequence[GatewayRow]
    eport: Sequence[EportRow]
    cards: Sequence[CardRow]
    findings: Sequence[Finding]
    open: bool

    @property
    def says(self) -> str:
        """Which book says what, in one line."""
        books = (
            ("gateway", [row.state for row in self.gateway]),
            ("e-port", [row.status for row in self.eport]),
            ("card host", [card_says(row) for row in self.cards]),
        )
        return "; ".join(f"{name}: {', '.join(rows) or 'nothing'}" for name, rows in books)


@dataclass(frozen=True)
class Comparison:
    lines: Sequence[Line]

    @property
    def agree(self) -> bool:
        return not any(line.findings for line in self.lines)

    @property
    def open(self) -> int:
        return sum(line.open for line in self.lines)

    @property
    def differences(self) -> Mapping[Difference, int]:
        return Counter(finding.kind for line in self.lines for finding in line.findings)


def compare(gateway: Iterable[GatewayRow], eport: Iterable[EportRow], cards: Iterable[CardRow]) -> Comparison:
    """Join the books of one gateway store, its point and its terminals, and judge each line.

    The gateway's payments come first, in their own order, then what it does not know.
    """
    lines: list[_Joined] = []
    by_txn_id: dict[str, _Joined] = {}
    by_hold: dict[tuple[str, str], _Joined] = {}

    def line_of(txn_id: str | None, hold: tuple[str, str]) -> _Joined:
        line = by_txn_id.get(txn_id or "") or by_hold.get(hold)
        if line is None:
            line = _Joined()
            lines.append(line)
        by_hold.setdefault(hold, line)
        if txn_id is not None:
            by_txn_id.setdefault(txn_id, line)
        return line

    for ours in gateway:
        line_of(ours.txn_id, (ours.terminal, ours.rrn)).gateway.append(ours)
    for theirs in eport:
        line_of(theirs.txn_id, (theirs.terminal, theirs.rrn)).eport.append(theirs)
    for card in cards:
        line_of(None, (card.terminal, card.rrn)).cards.append(card)
    return Comparison([_judge(line) for line in lines])


def card_says(row: CardRow) -> str:
    parts = (("held", row.held), ("captured", row.captured), ("released", row.released))
    said = " ".join(f"{name} {tiyn}" for name, tiyn in parts if tiyn)
    return said or ("no hold" if row.response_code is None else f"no hold ({row.response_code})")


@dataclass(frozen=True)
class _Joined:
    gateway: list[GatewayRow] = field(default_factory=list)
    eport: list[EportRow] = field(default_factory=list)
    cards: list[CardRow] = field(default_factory=list)

    @property
    def state(self) -> str | None:
        return self.gateway[0].state if self.gateway else None

    @property
    def provider_has_it(self) -> bool:
        return any(row.status in _PROVIDER_HAS_IT for row in self.eport)

    @property
    def provider_accepted(self) -> bool:
        return any(row.status == "ACCEPTED" for row in self.eport)

    @property
    def held(self) -> int:
        return sum(row.held for row in self.cards)

    @property
    def captured(self) -> int:
        return sum(row.captured for row in self.cards)


_PROVIDER_HAS_IT: Final = frozenset({"ACCEPTED", "PENDING"})
_IN_DOUBT: Final = frozenset({"PAYING", "PENDING", "UNRESOLVED"})
_ENDED_WITHOUT_PAYMENT: Final = frozenset({"RELEASING", "RELEASED", "REFUSED"})
_NOTHING_HELD_ANY_MORE: Final = frozenset({"RELEASED", "REFUSED"})
_NOT_FINAL: Final = frozenset({"HOLDING", "RELEASING"}) | _IN_DOUBT


def _judge(line: _Joined) -> Line:
    findings = [finding for rule in _RULES for finding in rule(line)]
    waits = line.state in _NOT_FINAL or (line.state == "PAID" and line.held > 0)
    return Line(line.gateway, line.eport, line.cards, findings, open=waits)


def _lost(line: _Joined) -> Iterator[Finding]:
    if line.state is None:
        if line.eport:
            yield Finding(Difference.LOST, "e-port has a payment that the gateway does not know")
        if line.cards:
            yield Finding(
                Difference.LOST, "the card host was asked for a hold that the gateway does not know"
            )
    if line.state == "PAID" and not line.eport:
        yield Finding(Difference.LOST, "the gateway says PAID; e-port does not know the payment")
    if line.state == "HOLDING" and line.eport:
        yield Finding(Difference.LOST, "the gateway says HOLDING; e-port was sent the payment")
    if line.state in _IN_DOUBT and not line.provider_has_it and not line.held and not line.captured:
        yield Finding(Difference.LOST, "the gateway is in doubt; the card host holds nothing")


def _doubled(line: _Joined) -> Iterator[Finding]:
    books = (
        ("the gateway", len(line.gateway)),
        ("e-port", sum(row.status in _PROVIDER_HAS_IT for row in line.eport)),
        ("the card host", len(line.cards)),
    )
    for book, times in books:
        if times > 1:
            yield Finding(Difference.DOUBLED, f"{book} has the payment {times} times")


def _released(line: _Joined) -> Iterator[Finding]:
    if not line.provider_has_it:
        return
    if line.state in _ENDED_WITHOUT_PAYMENT:
        yield Finding(
            Difference.RELEASED_WHILE_PROVIDER_HAS_IT,
            f"the gateway says {line.state}; e-port has the payment",
        )
    elif line.state is not None and not line.held and not line.captured:
        yield Finding(
            Difference.RELEASED_WHILE_PROVIDER_HAS_IT,
            "e-port has the payment; the card host holds nothing for it",
        )


def _captured(line: _Joined) -> Iterator[Finding]:
    kind = Difference.CAPTURED_WITHOUT_PAYMENT
    if line.captured and not line.provider_accepted:
        yield Finding(kind, "the card host has captured; e-port has not accepted")
    if line.captured and line.state not in {"PAID", None}:
        yield Finding(kind, f"the card host has captured; the gateway says {line.state}")
    if line.state == "PAID" and line.eport and not line.provider_accepted and not line.captured:
        yield Finding(kind, "the gateway says PAID; e-port has not accepted")


def _held(line: _Joined) -> Iterator[Finding]:
    if line.held and line.state in _NOTHING_HELD_ANY_MORE:
        yield Finding(
            Difference.HELD_WITHOUT_PAYMENT, f"the gateway says {line.state}; the card host still holds"
        )


def _amounts(line: _Joined) -> Iterator[Finding]:
    for ours in line.gateway[:1]:
        sums = (ours.sum, ours.fee, ours.total)
        for theirs in line.eport:
            if (theirs.sum, theirs.fee, theirs.total) != sums:
                yield Finding(
                    Difference.AMOUNT_DIFFERS,
                    f"gateway {sums}, e-port {(theirs.sum, theirs.fee, theirs.total)}: sum, fee, total",
                )
        for card in line.cards:
            taken = card.captured or (card.held if ours.state in _IN_DOUBT | {"PAID"} else 0)
            if taken not in {0, ours.total}:
                yield Finding(
                    Difference.AMOUNT_DIFFERS, f"gateway total {ours.total}, card host {card_says(card)}"
                )


def _identifiers(line: _Joined) -> Iterator[Finding]:
    for ours in line.gateway[:1]:
        for theirs in line.eport:
            for name in ("txn_id", "terminal", "rrn", "eport_id"):
                mine, its = getattr(ours, name), getattr(theirs, name)
                if mine is not None and its is not None and mine != its:
                    yield Finding(Difference.IDENTIFIERS_DIFFER, f"{name}: gateway {mine}, e-port {its}")


def _rules_of_the_card_host(line: _Joined) -> Iterator[Finding]:
    for card in line.cards:
        for violation in card.violations:
            yield Finding(Difference.RULE_BROKEN, f"the card host saw: {violation}")


_RULES: Final[tuple[Callable[[_Joined], Iterator[Finding]], ...]] = (
    _lost,
    _doubled,
    _released,
    _captured,
    _held,
    _amounts,
    _identifiers,
    _rules_of_the_card_host,
)
