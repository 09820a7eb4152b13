"""A thread of its own for calls that block, one after the other, for as long as they like.

Not an executor: the interpreter waits at its end for every thread of those, and a card that hangs would
keep the process from ending.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._last: Future[Any] | None = None
        Thread(target=self._run, name=name, daemon=True).start()

    @property
    def busy(self) -> bool:
        """Something that was submitted has not ended."""
        return self._last is not None and not self._last.done()

    def submit(self, job: Callable[[], T]) -> "Future[T]":
        """To be done after what was submitted before."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # from now on a cancelled waiter cancels only its own wait
        self._last = future
        self._jobs.put(partial(_do, future, job))
        return future

    async def run(self, job: Callable[[], T]) -> T:
        """What it comes to. A cancelled wait leaves it running."""
        return await asyncio.wrap_future(self.submit(job))

    def stop(self) -> None:
        """The thread ends after what was submitted; nobody waits for that."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _do(future: "Future[T]", job: Callable[[], T]) -> None:
    try:
        future.set_result(job())
    except BaseException as error:  # noqa: BLE001 - whoever waits for it hears it
        future.set_exception(error)
