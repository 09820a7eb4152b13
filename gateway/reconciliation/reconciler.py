"""A day from its registry to its close: settle what was open, compare both books, file what differs.

Every step is a transaction of its own, repeatable after an interruption: what was done is found done.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from gateway.alarms import raise_alarm
from gateway.bills import payment as payments
from gateway.bills.business_day import first_open_day
from gateway.bills.moves import Evidence, Moves
from gateway.bills.payment_states import Event, State
from gateway.reconciliation import book, cases, daily
from gateway.reconciliation.calendar import DAY
from gateway.reconciliation.cases import OPEN_STATES, Case
from gateway.reconciliation.comparison import ProviderOf, Sums, Totals, page
from gateway.reconciliation.daily import Daily
from gateway.reconciliation.decision_rules import CONSEQUENCES, Decision, allowed
from gateway.reconciliation.matching import AGREED, Class, Finding, Ours
from gateway.reconciliation.settlement import Missing, account_of, in_flight, missing, release, settle
from spool import Store, Transaction

_log = logging.getLogger(__name__)

DIFFERENCES: Final = "reconciliation_differences"
_SLICE: Final = 100
_ENDED_UNPAID: Final = frozenset({State.RELEASING, State.RELEASED, State.REFUSED})


class NoRegistryError(LookupError):
    """e-port's registry of the day was not taken yet."""


class NotDecidableError(Exception):
    """The decision cannot be taken now; the text says why."""


@dataclass(frozen=True)
class Result:
    """`settled`, `released`: payments that this run has ended. `opened`: cases that are new."""

    day: date
    settled: int
    released: int
    opened: int
    totals: Totals


class Reconciler:
    def __init__(
        self, spool: Store, moves: Moves, *, zone: ZoneInfo, provider_of: ProviderOf, releases_missing: bool
    ) -> None:
        """`releases_missing`: the contract lets a payment that is missing in both days be released without a person."""
        self._spool = spool
        self._moves = moves
        self._zone = zone
        self._provider_of = provider_of
        self._releases_missing = releases_missing
        self._one_at_a_time = asyncio.Lock()

    async def reconcile(self, day: date) -> Result:
        """Raises NoRegistryError, or NotClosableError for a day that is closed: it never changes."""
        async with self._one_at_a_time:
            return await self._reconcile(day)

    async def close(self, day: date, *, by: str) -> Result:
        """Compare once more, and freeze. Raises NoRegistryError, NotClosableError."""
        async with self._one_at_a_time:
            while True:
                result = await self._reconcile(day)
                if await self._spool.write(lambda tx: _close(tx, day, by)):
                    _log.info("reconciliation.closed", extra={"day": day.isoformat(), "by": by})
                    return result

    async def decide(self, case_id: int, decision: Decision, *, person: str, reason: str) -> Case:
        """Raises NotDecidableError. What moves the payment is one commit with the decision."""
        return await self._spool.write(
            lambda tx: self._decide(tx, case_id, decision, person=person, reason=reason)
        )

    async def _reconcile(self, day: date) -> Result:
        registry = await self._spool.read(lambda tx: _open_registry(tx, day))
        settled = await self._settle(registry)
        released = await self._look_for_missing()
        run = await self._spool.read(lambda tx: book.next_run(tx, day))
        totals, opened = await self._compare(registry, run)
        await self._spool.write(lambda tx: _save(tx, registry, totals, run, opened))
        extra = {"day": day.isoformat(), "settled": settled, "released": released, "opened": opened}
        _log.info("reconciliation.compared", extra=extra)
        return Result(day, settled, released, opened, totals)

    async def _settle(self, registry: Daily) -> int:
        settled = 0
        while found := await self._spool.write(lambda tx: settle(tx, self._moves, registry.daily_id)):
            settled += found
        return settled

    async def _look_for_missing(self) -> int:
        released, after = 0, ""
        while True:
            found, last = await self._spool.read(lambda tx: missing(tx, self._zone, after=after))  # noqa: B023 - awaited in this round
            for one in found:
                released += await self._spool.write(lambda tx: self._end_missing(tx, one))  # noqa: B023 - as above
            if last is None:
                await self._spool.write(_close_ended)
                return released
            after = last

    def _end_missing(self, tx: Transaction, one: Missing) -> int:
        """Release it where that needs nobody; else it is a person's case. How many were released."""
        payment = payments.load(tx, one.payment.payment_id)
        if payment is None or payment.state not in OPEN_STATES or in_flight(tx, payment):
            return 0
        note = f"the registries of {one.first_sent.isoformat()} and of the next day lack it"
        if self._releases_missing and not one.why_person:
            release(tx, self._moves, payment.payment_id, note=note)
            return 1
        if not cases.open_ones(tx, payment.txn_id, Class.ONLY_BANK):
            day = max(one.first_sent + DAY, first_open_day(tx) or one.first_sent)
            ours = Ours(
                txn_id=payment.txn_id,
                payment_id=payment.payment_id,
                state=payment.state,
                day=None,
                provider=payment.check.provider or self._provider_of(payment.check.product),
                product=payment.check.product,
                account=account_of(payment),
                rrn=payment.rrn,
                sum_minor=payment.amount.minor,
                fee_minor=payment.fee.minor,
            )
            why = f"; e-port has said {one.why_person}" if one.why_person else ""
            cases.open_case(tx, day, Finding(Class.ONLY_BANK, ours, None), run=0, detail=note + why)
        return 0

    async def _compare(self, registry: Daily, run: int) -> tuple[Totals, int]:
        totals: Totals = defaultdict(Sums)
        opened, after = 0, ""
        while True:
            found = await self._spool.read(
                lambda tx: page(tx, registry.day, registry.daily_id, self._provider_of, after=after)  # noqa: B023 - awaited in this round
            )
            for finding in found.findings:
                totals[finding.provider, finding.kind].add(registry.day, finding)
            opened += await self._file(registry, run, found.findings)
            if found.last is None:
                return dict(totals), opened
            after = found.last

    async def _file(self, registry: Daily, run: int, findings: Sequence[Finding]) -> int:
        differences = [found for found in findings if found.kind not in AGREED]
        shifted = [found for found in findings if found.kind is Class.DAY_SHIFT and found.line is not None]
        opened = 0
        for some in _slices(differences):
            opened += await self._spool.write(lambda tx: self._open_some(tx, registry, run, some))  # noqa: B023 - awaited in this round
        for some in _slices(shifted):
            await self._spool.write(lambda tx: _explain_shifts(tx, registry, some))  # noqa: B023 - as above
        return opened

    def _open_some(self, tx: Transaction, registry: Daily, run: int, found: Sequence[Finding]) -> int:
        opened = 0
        for one in found:
            if not cases.open_case(tx, registry.day, one, run=run):
                continue
            opened += 1
            if one.line is not None and one.ours is not None and one.ours.state in _ENDED_UNPAID:
                note = f"{registry.registry_id} lists it as accepted"
                self._moves.apply(tx, one.ours.payment_id, Event.REGISTRY_MATCHED, Evidence(note=note))
        return opened

    def _decide(self, tx: Transaction, case_id: int, decision: Decision, *, person: str, reason: str) -> Case:
        case = cases.load(tx, case_id)
        if case is None or case.closed_at is not None:
            raise NotDecidableError(f"there is no open case {case_id}")
        payment = None if case.payment_id is None else payments.load(tx, case.payment_id)
        is_open = payment is not None and payment.state in OPEN_STATES
        choice = allowed(case.kind, is_open=is_open)
        if decision not in choice:
            raise NotDecidableError(f"of {case.kind} it can be decided: {', '.join(choice)}")
        event = CONSEQUENCES[case.kind, decision].event
        if event is not None and payment is not None:
            if in_flight(tx, payment):
                raise NotDecidableError(
                    "e-port is being asked about it at this moment: decide again in a minute"
                )
            evidence = Evidence(note=f"case {case_id}, by {person}: {reason}", reason=_REASONS.get(event))
            self._moves.apply(tx, payment.payment_id, event, evidence)
        day = first_open_day(tx) or case.day
        cases.decide(tx, case, decision, person=person, reason=reason, day=max(day, case.day))
        decided = cases.load(tx, case_id)
        assert decided is not None, "a case is never deleted"
        return decided


_REASONS: Final = {Event.REGISTRY_MISSING: "missing_in_registry"}


def _open_registry(tx: Transaction, day: date) -> Daily:
    found = book.load(tx, day)
    if found is not None and found.closed_at is not None:
        raise book.NotClosableError(f"{day.isoformat()} was closed by {found.closed_by}, and never changes")
    registry = daily.taken(tx, day)
    if registry is None:
        raise NoRegistryError(f"the registry of {day.isoformat()} was not taken yet")
    return registry


def _save(tx: Transaction, registry: Daily, totals: Totals, run: int, opened: int) -> None:
    for case in cases.unseen(tx, registry.day, run=run):
        cases.explain(tx, case.case_id, "the last comparison does not find it any more")
    book.save(tx, registry, totals, run=run)
    if opened:
        detail = f"{opened} new differences: `tolem reconcile worklist`"
        raise_alarm(tx, DIFFERENCES, subject=registry.day.isoformat(), detail=detail)


def _close(tx: Transaction, day: date, by: str) -> bool:
    """False: our book of the day has changed since it was compared."""
    if not book.is_current(tx, day):
        return False
    book.close(tx, day, by=by)
    return True


def _explain_shifts(tx: Transaction, registry: Daily, shifted: Sequence[Finding]) -> None:
    for found in shifted:
        for case in cases.open_ones(tx, found.txn_id, Class.ONLY_BANK):
            cases.explain(tx, case.case_id, f"{registry.registry_id} lists it")


def _close_ended(tx: Transaction) -> None:
    """Cases of payments that were open, and ended some other way."""
    for case in cases.of_ended(tx):
        cases.explain(tx, case.case_id, "the payment has ended since")


def _slices(found: Sequence[Finding]) -> Iterator[Sequence[Finding]]:
    return (found[at : at + _SLICE] for at in range(0, len(found), _SLICE))
