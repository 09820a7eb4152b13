"""A POST is done once: its answer is stored with what it did, and replayed byte for byte (PROTOCOLS §1).

Copies that come while the first is still being done wait for its answer. The work goes on when its
caller has gone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from gateway.alarms import raise_alarm
from gateway.problems import ProblemError
from spool import AnswerConflict, Spool, Transaction, recall, remember

_log = logging.getLogger(__name__)
_CONFLICT: Final = "the Idempotency-Key was used with other content"


@dataclass(frozen=True)
class Reply:
    """Status and body of an answer, as stored."""

    status: int
    body: bytes = field(repr=False)


Finish = Callable[[Transaction], Reply]
Prepare = Callable[[], Awaitable[Finish]]
"""Does what must happen outside a transaction, and returns what completes it inside one."""


@dataclass(frozen=True)
class _Running:
    digest: bytes
    task: asyncio.Task[Reply]


class Once:
    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._running: dict[tuple[str, str], _Running] = {}

    async def answer(self, scope: str, key: str, content: bytes, prepare: Prepare) -> Reply:
        """The stored answer to (scope, key), or the one that `prepare` brings about now.

        Raises ProblemError `idempotency_conflict` for other content, and what `prepare` raises; that is
        not stored.
        """
        digest = self._spool.digest(content)
        running = self._running.get((scope, key))
        if running is None:
            task = asyncio.create_task(self._do(scope, key, digest, prepare), name=f"once {scope} {key}")
            running = self._running[scope, key] = _Running(digest, task)
            task.add_done_callback(lambda done: self._ended(scope, key, done))
        elif running.digest != digest:
            await self._refuse(scope, key)
        return await asyncio.shield(running.task)

    async def close(self) -> None:
        """Cut off what is still being done; nothing of it is stored."""
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _do(self, scope: str, key: str, digest: bytes, prepare: Prepare) -> Reply:
        try:
            stored = await self._spool.read(lambda tx: recall(tx, scope, key, digest))
        except AnswerConflict:
            await self._refuse(scope, key)
            raise
        if stored is not None:
            return Reply(stored.status, stored.body)
        finish = await prepare()
        return await self._spool.write(lambda tx: _finish(tx, scope, key, digest, finish))

    def _ended(self, scope: str, key: str, task: asyncio.Task[Reply]) -> None:
        del self._running[scope, key]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.info("api.not_done", extra={"scope": scope, "error": type(error).__name__})

    async def _refuse(self, scope: str, key: str) -> None:
        await self._spool.write(
            lambda tx: raise_alarm(tx, "idempotency_conflict", subject=scope, detail=f"key {key}")
        )
        raise ProblemError("idempotency_conflict", _CONFLICT)


def _finish(tx: Transaction, scope: str, key: str, digest: bytes, finish: Finish) -> Reply:
    reply = finish(tx)
    remember(tx, scope, key, digest, reply.status, reply.body)
    return reply
