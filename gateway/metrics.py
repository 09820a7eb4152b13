"""A few numbers in Prometheus's text format 0.0.4, for a scraper on loopback."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from certs.causes import Cause
from gateway.bills.moves import Move
from gateway.bills.payment_states import State
from gateway.c2b2e.moves import Move as TransferMove
from gateway.c2b2e.transfer import STATES
from gateway.certificates.watch import Seen
from gateway.providers.product import Catalogue
from gateway.registry.overview import Standing
from spool import CircuitState
from spool.health import Health

CONTENT_TYPE: Final = "text/plain; version=0.0.4"
Labels = Mapping[str, str]
Sample = tuple[Labels, float]


class TransferCounter:
    """An observer of transfers' moves: how many came into each state since the start, as which bank."""

    def __init__(self) -> None:
        self.into: Counter[tuple[str, str]] = Counter()

    def __call__(self, move: TransferMove) -> None:
        if move.before is not move.after:
            self.into[move.key.role.value, move.after.value] += 1


class MoveCounter:
    """An observer of moves: how many payments came into each state since the start; `transfers` is one of theirs."""

    def __init__(self) -> None:
        self.into: Counter[str] = Counter()
        self.transfers = TransferCounter()

    def __call__(self, move: Move) -> None:
        if move.before is not move.after:
            self.into[move.after.value] += 1


def of_transfers(moves: TransferCounter) -> Iterator[str]:
    says = "Transfers that came into a state since the start"
    samples = [
        ({"role": role.value, "state": state.value}, moves.into[role.value, state.value])
        for role, states in STATES.items()
        for state in states
    ]
    yield from family("tolem_transfer_moves_total", "counter", says, samples)


def of_payments(moves: MoveCounter) -> Iterator[str]:
    says = "Payments that came into a state since the start"
    yield from family(
        "tolem_payment_moves_total",
        "counter",
        says,
        [({"state": state}, moves.into[state]) for state in State],
    )


def of_readiness(reasons: Sequence[str]) -> Iterator[str]:
    yield from family("tolem_gateway_ready", "gauge", "1: terminals may take money", [({}, not reasons)])
    why = [({"reason": reason}, 1) for reason in reasons]
    yield from family("tolem_gateway_not_ready_reason", "gauge", "Why terminals may not take money", why)


def of_alarms(counts: Sequence[tuple[str, int, int]]) -> Iterator[str]:
    """`counts`: name, how many are open, how often it was raised."""
    still_open = [({"alarm": name}, number) for name, number, _ in counts]
    yield from family("tolem_alarms_open", "gauge", "Alarms that a person must close", still_open)
    raised = [({"alarm": name}, times) for name, _, times in counts]
    yield from family("tolem_alarms_raised_total", "counter", "How often each alarm was raised", raised)


def of_certificates(seen: Iterable[Seen], faults: Iterable[tuple[str, Cause]]) -> Iterator[str]:
    """Days left of each, and what is wrong by name; `eport` is the line itself, whoever is to blame."""
    days = [({"certificate": one.watched.part}, one.standing.days_left) for one in seen]
    yield from family("tolem_certificate_days_left", "gauge", "Whole days until it is over", days)
    wrong = [({"certificate": part, "cause": cause.value}, 1) for part, cause in faults]
    yield from family("tolem_certificate_fault", "gauge", "Why a certificate is not accepted", wrong)


def of_spool(health: Health, now: datetime) -> Iterator[str]:
    """Depth, age of the oldest entry, last success and breaker of each destination."""
    destinations = [({"destination": one.destination}, one) for one in health.destinations]
    depth = [
        ({**labels, "state": state}, getattr(one, state))
        for labels, one in destinations
        for state in ("ready", "claimed", "to_person")
    ]
    yield from family("tolem_spool_entries", "gauge", "Entries that are open", depth)
    ages = [(labels, _seconds(now, one.oldest_at)) for labels, one in destinations]
    yield from family("tolem_spool_oldest_seconds", "gauge", "Age of the oldest open entry", ages)
    answers = [(labels, _seconds(now, one.last_answer_at)) for labels, one in destinations]
    yield from family("tolem_spool_last_answer_seconds", "gauge", "Since the destination last spoke", answers)
    closed = [(labels, one.breaker is CircuitState.CLOSED) for labels, one in destinations]
    yield from family("tolem_spool_breaker_closed", "gauge", "0: the destination does not answer", closed)


def of_registries(kinds: Sequence[Standing], now: datetime) -> Iterator[str]:
    """How far each kind of registry is acknowledged, and what waits."""
    acknowledged = [
        ({"kind": one.kind}, _seconds(now, one.acknowledged_to))
        for one in kinds
        if one.acknowledged_to is not None
    ]
    says = "Since the end of the last window that was acknowledged"
    yield from family("tolem_registry_acknowledged_seconds", "gauge", says, acknowledged)
    waiting = [({"kind": one.kind}, one.waiting) for one in kinds]
    yield from family("tolem_registry_waiting", "gauge", "Closed windows not acknowledged yet", waiting)
    ages = [({"kind": one.kind}, _seconds(now, one.oldest_to)) for one in kinds]
    yield from family("tolem_registry_oldest_seconds", "gauge", "Since the oldest of them ended", ages)


def of_catalogue(catalogue: Catalogue) -> Iterator[str]:
    """What payments are taken by now, and for whom they are not."""
    says = "Number of the published version in force; 0: the file of the settings"
    version = {"version": catalogue.version}
    yield from family("tolem_catalogue_number", "gauge", says, [(version, catalogue.number or 0)])
    off = [({"provider": provider}, 1) for provider in catalogue.switched_off]
    yield from family("tolem_provider_switched_off", "gauge", "Providers that are switched off", off)


def _seconds(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def family(name: str, kind: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    """One metric with its samples. `kind`: counter or gauge."""
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        named = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{named}}} {value:g}" if named else f"{name} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
