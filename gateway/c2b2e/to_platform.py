"""How messages leave for the platform: the same bytes at +1, +2, +4 s, and what a status means (PROTOCOLS §3.4, §3.5).

A message that nobody answers is given up after that: a deadline or a question goes on from there. The event
that an answer means is played in the transaction that acknowledges the entry.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from gateway.c2b2e import answers, payee
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.deadlines import TransferTimers
from gateway.c2b2e.entries import MESSAGES, ORDER, PENDING, QUESTION, REQUEST, whose
from gateway.c2b2e.message_book import Direction, count
from gateway.c2b2e.moves import Event, Evidence, TransferMoves
from gateway.c2b2e.platform import Platform
from gateway.c2b2e.transfer import Role
from gateway.reasons import iso_reason
from spool import Again, Delivered, Entry, Route, Schedule, Spool, Transaction
from spool import Verdict as SpoolVerdict

# What an HTTP refusal of our admi.009 tells a customer; any other one is told as "no reason given".
LINK_REFUSALS: Final[Mapping[int, str]] = {404: "link.unknown", 410: "link.used"}
NOT_SPECIFIED: Final = iso_reason("MS03")
UNKNOWN_ORDER: Final = iso_reason("TM01")  # what the platform never had, it takes no more
# A status that only a fault of ours, or of our settings, explains.
ALARMING: Final = frozenset({400, 401, 403, 413, 415, 422})


class ToPlatform:
    def __init__(
        self,
        *,
        spool: Spool,
        moves: TransferMoves,
        platform: Platform,
        timers: TransferTimers,
        signer: str,
    ) -> None:
        """`signer`: our own id, by which the book finds what we wrote."""
        self._spool = spool
        self._moves = moves
        self._platform = platform
        self._timers = timers
        self._signer = signer

    def routes(self) -> Mapping[str, Route]:
        gaps = tuple(self._timers.resend_seconds)
        schedule = Schedule(gaps, then=gaps[-1], jitter=0)  # of what a restart cut off
        routes = {kind: Route(self._tell, schedule) for kind in MESSAGES}
        return routes | {PENDING: Route(self._tell_pending, schedule)}

    async def _tell_pending(self, entry: Entry) -> SpoolVerdict:
        """The instant of the first attempt is committed before it is made: the questions count from it."""
        key, _ = whose(entry)
        leaving = await self._spool.write(lambda tx: self._moves.apply(tx, key, payee.Event.PENDING_LEAVES))
        if leaving.state is not payee.State.PENDING:
            return Delivered(f"not told: the transfer is {leaving.state}", answered=False)
        return await self._tell(entry)

    async def _tell(self, entry: Entry) -> SpoolVerdict:
        key, msg_id = whose(entry)
        kind, left_at = MESSAGES[entry.kind], self._spool.now()
        http = await self._platform.post(kind, key.end_to_end_id, entry.payload)

        def apply(tx: Transaction) -> None:
            count(tx, Direction.OUT, signer=self._signer, kind=kind, msg_id=msg_id, http=http)
            event = self._event(tx, entry, http, left_at)
            if event is not None:
                self._moves.apply(tx, key, event, _evidence(entry.kind, http))

        return self._verdict(entry, http, apply)

    def _event(self, tx: Transaction, entry: Entry, http: int | None, left_at: datetime) -> Event | None:
        """A crash while an attempt was on its way leaves nobody sure that the next one is the first."""
        key, _ = whose(entry)
        if entry.kind == REQUEST:
            return answers.to_request(http)
        if entry.kind == ORDER:
            return answers.to_order(http, first=not entry.maybe_sent)
        if entry.kind == PENDING:
            return answers.to_pending(http, first=not entry.maybe_sent)
        if key.role is Role.PAYER and entry.kind == QUESTION:
            accepted = transfers.accepted_at(tx, key)
            too_late = self._timers.order_is_over(accepted, asked_at=left_at)
            return answers.to_payers_question(http, too_late_for_the_order=too_late)
        return None

    def _verdict(self, entry: Entry, http: int | None, apply: Callable[[Transaction], None]) -> SpoolVerdict:
        said = "no answer" if http is None else f"HTTP {http}"
        after_seconds = self._timers.resend_after_seconds(entry.attempts + 1)
        if answers.retryable(http) and after_seconds is not None:
            return Again(said, apply, answered=http is not None, after_seconds=after_seconds)
        return Delivered(said, apply, answered=http is not None)


def _evidence(kind: str, http: int | None) -> Evidence:
    """`reason` is for an event that ends a transfer, and is dropped by the others."""
    reasons = {REQUEST: LINK_REFUSALS.get(http or 0, NOT_SPECIFIED), QUESTION: UNKNOWN_ORDER}
    return Evidence(
        reason=reasons.get(kind, NOT_SPECIFIED),
        note=f"HTTP {http}",
        alarm=f"platform_http_{http}" if http in ALARMING else None,
    )
