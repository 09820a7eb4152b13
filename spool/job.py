"""One call of `Spool.write` on its way through the writer and back to its caller."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from spool.transaction import Ready, Transaction

log = logging.getLogger(__name__)

Listener = Callable[[Ready], None]


class Job:
    """Filled in by the committer, in its thread; settled on the loop."""

    __slots__ = ("durable", "error", "fn", "future", "transaction", "value")

    def __init__(
        self, fn: Callable[[Transaction], Any], *, durable: bool, future: asyncio.Future[Any]
    ) -> None:
        self.fn = fn
        self.durable = durable
        self.future = future
        self.value: Any = None
        self.error: BaseException | None = None
        self.transaction: Transaction | None = None

    def tell(self, listeners: Sequence[Listener]) -> None:
        """Run what wanted to be run after this commit. Whatever it raises is its own affair."""
        if self.error is not None or self.transaction is None:
            return
        for call in self.transaction.afterwards:
            _guarded(call)
        for ready in self.transaction.announced:
            for listener in listeners:
                _guarded(listener, ready)

    def settle(self) -> None:
        """Give the caller its value or its error, if it still waits."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


def settle(batch: Sequence[Job], listeners: Sequence[Listener]) -> None:
    """All callbacks of a batch first: who waited then finds them done."""
    for job in batch:
        job.tell(listeners)
    for job in batch:
        job.settle()


def _guarded(call: Callable[..., None], *arguments: object) -> None:
    try:
        call(*arguments)
    except Exception:
        log.exception("spool.after_commit_failed")
