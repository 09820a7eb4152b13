"""What the bank's operator may ask and order, as commands of the gateway's control socket.

Everything here is read, except two orders: a cancel, which the payment table decides about, and the
closing of an alarm. Both are kept with who ordered them and why.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from gateway.alarms import Alarm, alarms_about, close_alarm, open_alarms
from gateway.bills import payment as payments
from gateway.bills.moves import Evidence, Moves
from gateway.bills.payment import Payment
from gateway.bills.payment_states import TABLE, Event, State, Step
from gateway.bills.steps import DESTINATIONS, key_of
from gateway.bills.views import TOLD
from gateway.command_arguments import Arguments, instant_of, number_of, text_of
from gateway.reconciliation.story import story_of
from gateway.state_table import advance
from spool import ControlError, NoSuchEntry, Store, Transaction
from spool.control import Command
from spool.worklist import id_of
from spool.worklist import show as show_entry

Item = dict[str, Any]
_DEFAULT_LIST: Final = 50
_LARGEST_LIST: Final = 10_000
_LARGEST_CHOICE: Final = 10
_BETWEEN_CLOCKS: Final = timedelta(minutes=1)  # a receipt shows the terminal's clock
NO_SUCH_PAYMENT: Final = "no_such_payment"
SEVERAL: Final = "several_payments"


def several(payment_ids: Iterable[str]) -> str:
    """What is told to somebody whose number names more than one."""
    named = list(payment_ids)
    more = f" and {len(named) - _LARGEST_CHOICE} more" if len(named) > _LARGEST_CHOICE else ""
    return f"it names {', '.join(named[:_LARGEST_CHOICE])}{more}: which one?"


class Operator:
    def __init__(self, spool: Store, moves: Moves) -> None:
        self._spool = spool
        self._moves = moves

    def commands(self) -> Mapping[str, Command]:
        return {
            "payments.list": self._list,
            "payments.show": self._show,
            "payments.cancel": self._cancel,
            "alarms.list": self._alarms,
            "alarms.close": self._close_alarm,
            "books": self._books,
        }

    async def _list(self, arguments: Arguments) -> AsyncIterator[Item]:
        """The newest first: `limit` of them, of one `state` if it is given."""
        state = _state(text_of(arguments, "state")) if "state" in arguments else None
        limit = min(number_of(arguments, "limit", default=_DEFAULT_LIST), _LARGEST_LIST)
        found = await self._spool.read(lambda tx: payments.newest(tx, limit=limit, state=state))
        for payment in found:
            yield _row(payment)

    async def _show(self, arguments: Arguments) -> Item:
        """The whole story. `id` is a payment_id, txn_id, RRN, eport_id or check_id, or a requisite of one payment.

        Or `terminal` with `stan`, or with the time of its receipt: `from` and `to` in RFC 3339.
        """
        wanted = _wanted(arguments)
        return await self._spool.read(lambda tx: _story(tx, _the_one(wanted(tx))))

    async def _cancel(self, arguments: Arguments) -> Item:
        """Which one as for `payments.show`; `by`, `reason`. Orders bank_cancel; what comes of it, the payment's history tells."""
        wanted = _wanted(arguments)
        by, reason = text_of(arguments, "by"), text_of(arguments, "reason")

        def order(tx: Transaction) -> Item:
            payment = _the_one(wanted(tx))
            _refuse_pointless(tx, payment)
            note = f"by {by}: {reason}"
            return _row(self._moves.apply(tx, payment.payment_id, Event.CANCEL_ORDERED, Evidence(note=note)))

        return await self._spool.write(order)

    async def _alarms(self, arguments: Arguments) -> AsyncIterator[Item]:
        """The open ones; with `about`, all that were ever raised about a payment or a terminal."""
        about = text_of(arguments, "about") if "about" in arguments else None
        for alarm in await self._spool.read(
            lambda tx: open_alarms(tx) if about is None else alarms_about(tx, about)
        ):
            yield _alarm(alarm)

    async def _close_alarm(self, arguments: Arguments) -> Item:
        """`alarm` (its number), `by`, `remark`."""
        alarm_id = number_of(arguments, "alarm")
        by, remark = text_of(arguments, "by"), text_of(arguments, "remark")
        if not await self._spool.write(lambda tx: close_alarm(tx, alarm_id, by=by, remark=remark)):
            raise ControlError("no_such_alarm", f"no open alarm has the number {alarm_id}")
        return {"alarm": alarm_id, "closed_by": by}

    async def _books(self, _: Arguments) -> AsyncIterator[Item]:
        """Every payment as one line of our book, to be compared with those of e-port and the card host."""
        for line in await self._spool.read(lambda tx: [_line(payment) for payment in payments.every(tx)]):
            yield line


def _wanted(arguments: Arguments) -> Callable[[Transaction], list[Payment]]:
    """The look-up that these arguments ask for."""
    if "terminal" not in arguments:
        number = text_of(arguments, "id")
        return lambda tx: payments.find(tx, number)
    terminal = text_of(arguments, "terminal")
    if "stan" in arguments:
        stan = text_of(arguments, "stan")
        return lambda tx: payments.find_stan(tx, terminal, stan)
    begin, end = instant_of(arguments, "from"), instant_of(arguments, "to")
    return lambda tx: payments.find_time(tx, terminal, begin - _BETWEEN_CLOCKS, end + _BETWEEN_CLOCKS)


def _the_one(found: Sequence[Payment]) -> Payment:
    if not found:
        raise ControlError(NO_SUCH_PAYMENT, "the gateway has no payment of that number or time")
    if len(found) > 1:
        raise ControlError(SEVERAL, several(payment.payment_id for payment in found))
    return found[0]


def _refuse_pointless(tx: Transaction, payment: Payment) -> None:
    if Step.SPOOL_CANCEL not in advance(TABLE, payment.state, Event.CANCEL_ORDERED).steps:
        raise ControlError("not_cancellable", f"the payment is {payment.state}: there is nothing to cancel")
    if payments.happened(tx, payment.payment_id, Event.ID_CONFLICT):
        raise ControlError(
            "not_cancellable", "e-port knows this txn_id with other content: only a registry decides"
        )
    if payments.happened(tx, payment.payment_id, Event.CANCEL_ORDERED):
        raise ControlError(
            "not_cancellable", "its cancel was ordered before; the history tells what came of it"
        )


def _line(payment: Payment) -> Item:
    """As `gateway.sandbox.books.GatewayRow`; sums in tiyn."""
    return {
        "payment_id": payment.payment_id,
        "terminal": payment.terminal,
        "state": payment.state.value,
        "txn_id": payment.txn_id,
        "rrn": payment.rrn,
        "sum": payment.amount.minor,
        "fee": payment.fee.minor,
        "total": payment.total.minor,
        "eport_id": payment.eport_id,
    }


def _row(payment: Payment) -> Item:
    return {
        "payment_id": payment.payment_id,
        "terminal": payment.terminal,
        "state": payment.state.value,
        "told": TOLD[payment.state].value,
        "reason": payment.reason,
        "product": payment.check.product,
        "sum": str(payment.amount),
        "fee": str(payment.fee),
        "total": str(payment.total),
        "txn_id": payment.txn_id,
        "rrn": payment.rrn,
        "eport_id": payment.eport_id,
        "check_id": payment.check.check_id,
        "accepted_at": payment.accepted_at.isoformat(),
        "changed_at": payment.changed_at.isoformat(),
    }


def _story(tx: Transaction, payment: Payment) -> Item:
    history = payments.history(tx, payment.payment_id)
    return {
        **_row(payment),
        "requisites": [[code, value] for code, value in payment.check.requisites],
        "fields": [[name, title, value] for name, title, value in payment.check.fields],
        "stan": payment.stan,
        "advice_stan": payment.advice_stan,
        "response_code": payment.response_code,
        "approval_code": payment.approval_code,
        "provider_finished_at": payment.provider_finished_at,
        "history": [
            {"at": line.at.isoformat(), "event": line.event, "state": line.state.value, "note": line.note}
            for line in history
        ],
        "entries": [entry for kind in DESTINATIONS for entry in _entry(tx, key_of(kind, payment))],
        "alarms": [_alarm(alarm) for alarm in alarms_about(tx, payment.payment_id)],
        **story_of(tx, payment.txn_id, tx.now),
    }


def _entry(tx: Transaction, key: str) -> list[Item]:
    """The spool's entry with its attempts; none if it never was, or was purged after ninety days."""
    try:
        shown = show_entry(tx, id_of(tx, key))
    except NoSuchEntry:
        return []
    entry = shown.listed
    return [
        {
            "entry": entry.id,
            "kind": entry.kind,
            "state": entry.state.value,
            "attempts": entry.attempts,
            "due_at": None if entry.due_at is None else entry.due_at.isoformat(),
            "note": entry.note,
            "history": [
                {
                    "at": line.at.isoformat(),
                    "event": line.event.value,
                    "person": line.person,
                    "note": line.note,
                }
                for line in shown.history
            ],
        }
    ]


def _alarm(alarm: Alarm) -> Item:
    return {
        "alarm": alarm.alarm_id,
        "name": alarm.name,
        "subject": alarm.subject,
        "detail": alarm.detail,
        "times": alarm.times,
        "first_at": alarm.first_at.isoformat(),
        "last_at": alarm.last_at.isoformat(),
        "closed_at": None if alarm.closed_at is None else alarm.closed_at.isoformat(),
        "closed_by": alarm.closed_by,
        "remark": alarm.remark,
    }


def _state(text: str) -> State:
    if text not in list(State):
        raise ControlError("bad_argument", f"state is one of {', '.join(State)}")
    return State(text)
