"""What registries told a receiver, compared with the gateway's payments. Pure.

The union of all registries is the set of payments that were ever sent to e-port: none lost, none invented,
each once, with its sums and its last state. `compare` of `books` joins whole books; here one side knows
of payments from registries alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from gateway.sandbox.books import EportRow, GatewayRow


@dataclass(frozen=True)
class RegistryRow:
    """An operation as a receiver of registries has it; sums in tiyn.

    `first_n` and `last_n` are the first and the newest of the `told` registries that listed it.
    """

    point: str
    txn_id: str
    eport_id: str | None
    terminal: str
    product: str
    account: str
    sum: int
    fee: int
    total: int
    accepted_at: str
    finished_at: str | None
    status: str  # PENDING, ACCEPTED, REFUSED, CANCELLED
    result: str | None
    rrn: str
    tool: str
    first_n: int
    last_n: int
    told: int


class RegistryDifference(StrEnum):
    LOST = "lost"  # no registry had a payment that was sent
    INVENTED = "invented"  # a registry had what was never sent
    VALUE_DIFFERS = "value differs"
    STATUS_DIFFERS = "status differs"


class RegistryFinding(NamedTuple):
    kind: RegistryDifference
    txn_id: str
    says: str


@dataclass(frozen=True)
class RegistryComparison:
    """`receiver` names whose book it is. `waiting`: changed since the last window that left."""

    receiver: str
    operations: int
    waiting: int
    findings: Sequence[RegistryFinding]

    @property
    def agree(self) -> bool:
        return not self.findings


_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "PAYING": frozenset({"PENDING"}),
    "PENDING": frozenset({"PENDING"}),
    "UNRESOLVED": frozenset({"PENDING"}),
    "PAID": frozenset({"ACCEPTED"}),
    "RELEASING": frozenset({"REFUSED", "CANCELLED"}),
    "RELEASED": frozenset({"REFUSED", "CANCELLED"}),
}
"""What a registry says of a payment in each of the gateway's states; in the others it was never sent."""
_SENT_FOR_SURE: Final = frozenset({"PAYING", "PENDING", "UNRESOLVED", "PAID"})
_SAME: Final = ("terminal", "sum", "fee", "total", "rrn", "eport_id")


def compare_registry(
    receiver: str,
    told: Iterable[RegistryRow],
    *,
    gateway: Iterable[GatewayRow],
    eport: Iterable[EportRow],
    waiting: Collection[str] = (),
) -> RegistryComparison:
    """`eport` tells which payments were sent though the gateway has ended them without payment.

    `waiting`: txn_ids that have changed since the last window that left; of them only values are compared.
    """
    rows = list(told)
    ours = {row.txn_id: row for row in gateway}
    sent = {row.txn_id for row in eport}
    known = {row.txn_id for row in rows}
    findings = [finding for row in rows for finding in _judge(row, ours.get(row.txn_id), waiting)]
    for txn_id, payment in ours.items():
        was_sent = payment.state in _SENT_FOR_SURE or txn_id in sent
        if was_sent and txn_id not in known and txn_id not in waiting:
            says = f"the gateway says {payment.state}; no registry had it"
            findings.append(RegistryFinding(RegistryDifference.LOST, txn_id, says))
    return RegistryComparison(receiver, len(rows), len(waiting), findings)


def _judge(
    row: RegistryRow, payment: GatewayRow | None, waiting: Collection[str]
) -> Iterator[RegistryFinding]:
    if payment is None or payment.state not in _STATUSES:
        says = "does not know it" if payment is None else f"says {payment.state}: never sent"
        yield RegistryFinding(
            RegistryDifference.INVENTED, row.txn_id, f"a registry had it; the gateway {says}"
        )
        return
    for name in _SAME:
        mine, its = getattr(payment, name), getattr(row, name)
        if mine != its and None not in {mine, its}:
            says = f"{name}: gateway {mine}, registry {its}"
            yield RegistryFinding(RegistryDifference.VALUE_DIFFERS, row.txn_id, says)
    if row.txn_id not in waiting and row.status not in _STATUSES[payment.state]:
        says = f"the gateway says {payment.state}, the registry {row.status}"
        yield RegistryFinding(RegistryDifference.STATUS_DIFFERS, row.txn_id, says)
