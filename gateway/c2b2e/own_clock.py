"""What our own clock brings to transfers and sales: deadlines that wait in the spool, the same after a restart."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from gateway.c2b2e import payee, payer, sales
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.deadlines import TransferTimers
from gateway.c2b2e.entries import ASKING, CLOSING, EXPIRY, OVERDUE, sale_of, whose
from gateway.c2b2e.moves import Event, Evidence, TransferMoves
from gateway.c2b2e.sale_states import Event as SaleEvent
from gateway.c2b2e.sale_states import State as SaleState
from gateway.c2b2e.sales import Sales
from gateway.c2b2e.transfer import Role, Transfer
from spool import Delivered, Entry, Route, Schedule, Transaction
from spool import Verdict as SpoolVerdict

_SOON: Final = Schedule((), then=1, jitter=0)  # after a fault of ours; nobody else can be silent
_DETAILS: Final[Mapping[str, tuple[payer.Event, str]]] = {
    OVERDUE: (payer.Event.DETAILS_OVERDUE, "link.unanswered"),
    EXPIRY: (payer.Event.EXPIRED, "offer_expired"),
}


class OwnClock:
    def __init__(self, *, moves: TransferMoves, sales: Sales, timers: TransferTimers) -> None:
        self._moves = moves
        self._sales = sales
        self._timers = timers

    def routes(self) -> Mapping[str, Route]:
        strikes = {
            OVERDUE: self._end_details,
            EXPIRY: self._end_details,
            ASKING: self._ask,
            CLOSING: self._close_link,
        }
        return {kind: Route(_at_once(strike), _SOON) for kind, strike in strikes.items()}

    def _end_details(self, tx: Transaction, entry: Entry) -> None:
        event, reason = _DETAILS[entry.kind]
        self._moves.apply(tx, whose(entry)[0], event, Evidence(reason=reason))

    def _ask(self, tx: Transaction, entry: Entry) -> None:
        """Unless somebody has asked meanwhile: then a later instant is in the spool."""
        key, asked = whose(entry)
        transfer = transfers.load(tx, key)
        if transfer is not None and transfer.asked == int(asked):
            self._moves.apply(tx, key, self._question_of(transfer))

    def _question_of(self, transfer: Transfer) -> Event:
        if transfer.role is Role.PAYER:
            return payer.Event.QUESTION_DUE
        over = transfer.asked >= self._timers.payee.times
        return payee.Event.QUESTIONS_OVER if over else payee.Event.QUESTION_DUE

    def _close_link(self, tx: Transaction, entry: Entry) -> None:
        """At the end of a link's time, or of the link: whoever has only asked for it will not order any more."""
        sale = sales.load(tx, sale_of(entry))
        assert sale is not None, "an entry belongs to a sale"
        after = self._sales.play(tx, sale, SaleEvent.TIME_OVER)
        if after.state is SaleState.RESERVED:
            return
        for transfer in transfers.of_link(tx, sale.link_id):
            if transfer.state is payee.State.DETAILED:
                self._moves.apply(tx, transfer.key, payee.Event.LINK_CLOSED)


def _at_once(strike: Callable[[Transaction, Entry], None]) -> Callable[[Entry], Awaitable[SpoolVerdict]]:
    async def deliver(entry: Entry) -> SpoolVerdict:
        return Delivered(apply=lambda tx: strike(tx, entry))

    return deliver
