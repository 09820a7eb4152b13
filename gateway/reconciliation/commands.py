"""What a person may ask and order of reconciliation, on the gateway's control socket.

| command | arguments | answers |
|---|---|---|
| registry.fetch | day | what became of one attempt to get e-port's registry of a day |
| reconcile.day | day, close?, by? | the day, then its totals, then its cases; with `close` it is closed first |
| reconcile.days | limit? | one item for each day that was compared, the newest first |
| reconcile.worklist | limit? | the open cases, the oldest first |
| reconcile.decide | case, decision, by, reason | the case as it is then |
| reconcile.assign | case, owner | the case as it is then |
"""

import getpass
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from gateway.bills import payment as payments
from gateway.reconciliation import book, cases, daily
from gateway.reconciliation.cases import OPEN_STATES, Case
from gateway.reconciliation.comparison import Sums
from gateway.reconciliation.decision_rules import Decision, allowed
from gateway.reconciliation.download import NotClosed, Unanswered
from gateway.reconciliation.intake import Outcome, Refused, Taken
from gateway.reconciliation.reconciler import NoRegistryError, NotDecidableError, Reconciler
from gateway.reconciliation.rounds import DailyRounds
from gateway.registry.layout import money
from spool import ControlError, Store, Transaction
from spool.control import Command

Item = dict[str, Any]
_DEFAULT_LIST: Final = 100
_LARGEST_LIST: Final = 10_000


class ReconciliationCommands:
    def __init__(
        self, spool: Store, rounds: DailyRounds, reconciler: Reconciler, *, now: Callable[[], datetime]
    ) -> None:
        self._spool = spool
        self._rounds = rounds
        self._reconciler = reconciler
        self._now = now

    def commands(self) -> Mapping[str, Command]:
        return {
            "registry.fetch": self._fetch,
            "reconcile.day": self._day,
            "reconcile.days": self._days,
            "reconcile.worklist": self._worklist,
            "reconcile.decide": self._decide,
            "reconcile.assign": self._assign,
        }

    async def _fetch(self, arguments: Item) -> Item:
        day = _day(arguments)
        outcome = await self._rounds.fetch(day)
        if outcome is None:
            raise ControlError("not_running", "the gateway does not run, and only it speaks to e-port")
        return {"day": day.isoformat(), **_told(outcome)}

    async def _day(self, arguments: Item) -> AsyncIterator[Item]:
        day, by = _day(arguments), arguments.get("by") or getpass.getuser()
        try:
            if arguments.get("close") is True:
                await self._reconciler.close(day, by=str(by))
            elif not await self._spool.read(lambda tx: _is_closed(tx, day)):
                await self._reconciler.reconcile(day)
        except NoRegistryError as missing:
            raise ControlError("no_daily_registry", str(missing)) from None
        except book.NotClosableError as refused:
            raise ControlError("not_closable", str(refused)) from None
        for item in await self._spool.read(lambda tx: list(_story(tx, day, self._now()))):
            yield item

    async def _days(self, arguments: Item) -> AsyncIterator[Item]:
        limit = _limit(arguments)
        for item in await self._spool.read(
            lambda tx: [_day_item(tx, one) for one in book.newest(tx, limit=limit)]
        ):
            yield item

    async def _worklist(self, arguments: Item) -> AsyncIterator[Item]:
        limit = _limit(arguments)
        for item in await self._spool.read(
            lambda tx: [case_item(tx, one, self._now()) for one in cases.worklist(tx, limit=limit)]
        ):
            yield item

    async def _decide(self, arguments: Item) -> Item:
        case_id, decision = _case_id(arguments), _decision(arguments)
        by, reason = _text(arguments, "by"), _text(arguments, "reason")
        try:
            case = await self._reconciler.decide(case_id, decision, person=by, reason=reason)
        except NotDecidableError as refused:
            raise ControlError("not_decidable", str(refused)) from None
        return await self._spool.read(lambda tx: case_item(tx, case, self._now()))

    async def _assign(self, arguments: Item) -> Item:
        case_id, owner = _case_id(arguments), _text(arguments, "owner")

        def assign(tx: Transaction) -> Item:
            if not cases.own(tx, case_id, owner):
                raise ControlError("not_decidable", f"there is no open case {case_id}")
            case = cases.load(tx, case_id)
            assert case is not None, "it was just changed"
            return case_item(tx, case, self._now())

        return await self._spool.write(assign)


def case_item(tx: Transaction, case: Case, now: datetime) -> Item:
    """A case for a person; sums as on the wire, `may` what can be decided now."""
    payment = None if case.payment_id is None else payments.load(tx, case.payment_id)
    is_open = payment is not None and payment.state in OPEN_STATES
    return {
        "case": case.case_id,
        "day": case.day.isoformat(),
        "class": case.kind.value,
        "txn_id": case.txn_id,
        "payment_id": case.payment_id,
        "provider": case.provider,
        "product": case.product,
        "our_state": case.our_state,
        "ours": _money(case.our_sum, case.our_fee),
        "eport": _money(case.eport_sum, case.eport_fee),
        "eport_id": case.eport_id,
        "detail": case.detail,
        "owner": case.owner,
        "age_days": (now - case.opened_at).days,
        "opened_at": case.opened_at.isoformat(),
        "closed_at": None if case.closed_at is None else case.closed_at.isoformat(),
        "may": [] if case.closed_at else [one.value for one in allowed(case.kind, is_open=is_open)],
        "decisions": [
            {
                "at": one.at.isoformat(),
                "decision": one.decision.value,
                "person": one.person,
                "reason": one.reason,
            }
            for one in cases.decisions(tx, case.case_id)
        ],
    }


def _story(tx: Transaction, day: date, now: datetime) -> Iterator[Item]:
    found = book.load(tx, day)
    assert found is not None, "it was just compared"
    yield _day_item(tx, found)
    for (provider, kind), sums in book.totals_of(tx, day).items():
        yield {"provider": provider, "class": kind.value, **_sums(sums)}
    for case in cases.of_day(tx, day):
        yield case_item(tx, case, now)


def _day_item(tx: Transaction, found: book.ReconciledDay) -> Item:
    of_day = cases.of_day(tx, found.day)
    registry = daily.taken(tx, found.day)
    return {
        "day": found.day.isoformat(),
        "registry_id": found.registry_id,
        "sha256": found.sha256,
        "count": None if registry is None else registry.totals.count,
        "total": None if registry is None else money(registry.totals.total),
        "differences": len(of_day),
        "open_cases": sum(case.closed_at is None for case in of_day),
        "state": "open" if found.closed_at is None else "closed",
        "closed_at": None if found.closed_at is None else found.closed_at.isoformat(),
        "closed_by": found.closed_by,
    }


def _sums(sums: Sums) -> Item:
    return {
        "our_count": sums.our_count,
        "our_sum": money(sums.our_sum),
        "our_fee": money(sums.our_fee),
        "our_total": money(sums.our_sum + sums.our_fee),
        "eport_count": sums.eport_count,
        "eport_sum": money(sums.eport_sum),
        "eport_fee": money(sums.eport_fee),
        "eport_total": money(sums.eport_sum + sums.eport_fee),
    }


def _told(outcome: Outcome) -> Item:
    match outcome:
        case Taken(registry, known):
            return {
                "outcome": "known" if known else "taken",
                "registry_id": registry.registry_id,
                "sha256": registry.sha256,
                "count": registry.totals.count,
                "total": money(registry.totals.total),
            }
        case Refused(line, reason):
            return {"outcome": "refused", "line": line, "reason": reason}
        case NotClosed(seconds):
            return {"outcome": "not_closed", "retry_after_seconds": seconds}
        case Unanswered(why):
            return {"outcome": "unanswered", "reason": why}


def _is_closed(tx: Transaction, day: date) -> bool:
    found = book.load(tx, day)
    return found is not None and found.closed_at is not None


def _money(sum_minor: int | None, fee_minor: int | None) -> str | None:
    """With the fee: what the payer paid."""
    return None if sum_minor is None else money(sum_minor + (fee_minor or 0))


def _day(arguments: Item) -> date:
    try:
        return date.fromisoformat(_text(arguments, "day"))
    except ValueError:
        raise ControlError("bad_argument", "day is a date such as 2026-11-22") from None


def _decision(arguments: Item) -> Decision:
    text = _text(arguments, "decision").upper()
    known = [one.value for one in Decision if one is not Decision.EXPLAINED]
    if text not in known:
        raise ControlError("bad_argument", f"a decision is one of {', '.join(known)}")
    return Decision(text)


def _case_id(arguments: Item) -> int:
    number = arguments.get("case")
    if type(number) is not int or number < 1:
        raise ControlError("bad_argument", "case is its number")
    return number


def _limit(arguments: Item) -> int:
    limit = arguments.get("limit", _DEFAULT_LIST)
    if type(limit) is not int or not 1 <= limit <= _LARGEST_LIST:
        raise ControlError("bad_argument", f"limit is a number from 1 to {_LARGEST_LIST}")
    return limit


def _text(arguments: Item, name: str) -> str:
    text = arguments.get(name)
    if not isinstance(text, str) or not text.strip():
        raise ControlError("bad_argument", f"{name} is missing")
    return text.strip()
