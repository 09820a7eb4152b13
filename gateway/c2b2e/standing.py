"""May a transfer begin now? (DESIGN §3.7)

What bills need too is asked of their gate, but for e-port, which has no part in a transfer. A link may also be
asked about while the platform's breaker waits for a probe: its admi.009 moves no money, and is that probe.
"""

from collections.abc import Mapping
from typing import Final

from gateway.bills.admission import Refused
from gateway.bills.readiness import ReadinessGate
from gateway.c2b2e.entries import PLATFORM
from spool import Breakers, CircuitState

# Of the gate's reasons, those for which nothing may begin, and the problem that says so.
NOT_NOW: Final[Mapping[str, str]] = {
    "stopping": "stopping",
    "card_host_unreachable": "card_host_unavailable",
    "disk_full": "store_unavailable",
    "store_failing": "store_unavailable",
    "clock_wrong": "transfers_unavailable",
}
_FOR_SALES: Final = frozenset({"stopping", "disk_full", "store_failing", "clock_wrong"})
_SILENT: Final = Refused("transfers_unavailable", "the transfers platform does not answer; nothing was taken")


class Standing:
    def __init__(self, gate: ReadinessGate, breakers: Breakers) -> None:
        self._gate = gate
        self._breakers = breakers

    def against_orders(self) -> Refused | None:
        """Money may be held now only for what the platform can be told."""
        closed = self._breakers.state(PLATFORM) is CircuitState.CLOSED
        return self._of_gate(frozenset(NOT_NOW)) or (None if closed else _SILENT)

    def against_links(self) -> Refused | None:
        open_ = self._breakers.state(PLATFORM) is CircuitState.OPEN
        return self._of_gate(frozenset(NOT_NOW)) or (_SILENT if open_ else None)

    def against_sales(self) -> Refused | None:
        """A link is only made; whoever pays it comes through the platform."""
        return self._of_gate(_FOR_SALES)

    def _of_gate(self, reasons: frozenset[str]) -> Refused | None:
        for reason in self._gate.reasons():
            if reason in reasons:
                return Refused(NOT_NOW[reason], f"the gateway is not ready: {reason}; nothing was taken")
        return None
