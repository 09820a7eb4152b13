"""When waiting ends on the platform: for the details of a link, and for a transfer (PROTOCOLS §3.5)."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

from gateway.sandbox.platform.book import PlatformBook
from gateway.sandbox.platform.clearing import LATE, Clearing
from gateway.sandbox.platform.settings import Timers
from gateway.sandbox.platform.transfer_states import MORTAL, Event


class Deadlines:
    """One timer for each open enquiry and transfer; `happened` is called after one has struck.

    Where a deadline lies is told by the stored instants, how long it still takes by the loop's clock.
    """

    def __init__(
        self,
        book: PlatformBook,
        clearing: Clearing,
        timers: Timers,
        happened: Callable[[], None],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._book = book
        self._clearing = clearing
        self._timers = timers
        self._happened = happened
        self._now = now
        self._set: dict[str, asyncio.TimerHandle] = {}

    def wake(self) -> None:
        """Set a timer for whatever has none."""
        for enquiry in self._book.open_enquiries():
            self._at(
                f"enquiry {enquiry.end_to_end_id}",
                enquiry.at,
                self._timers.details_seconds,
                partial(self._clearing.fail_enquiry, enquiry.end_to_end_id, LATE),
            )
        for transfer in self._book.open_transfers():
            if transfer.state in MORTAL:
                self._at(
                    f"transfer {transfer.tx_id}",
                    transfer.accepted_at,
                    self._timers.order_life_seconds,
                    partial(self._clearing.happen, transfer.tx_id, Event.LIFE_OVER),
                )

    def close(self) -> None:
        for timer in self._set.values():
            timer.cancel()

    def _at(self, name: str, since: datetime, seconds: float, strike: Callable[[], object]) -> None:
        if name in self._set:
            return
        left = seconds - (self._now() - since).total_seconds()
        self._set[name] = asyncio.get_running_loop().call_later(max(0, left), self._strike, strike)

    def _strike(self, strike: Callable[[], object]) -> None:
        with self._book.ledger.transaction():
            strike()
        self._happened()
