"""The line to the card host: kept up, proven by echoes, shared by whoever asks (PROTOCOLS §5).

Answers come in any order and are matched by MTI, fields 11, 37 and 41. When the line drops, everybody
who waits is told so at once.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.funds.connection import Connection, LineLostError
from gateway.funds.line_states import Line, LineEvent, LineState, delay_seconds
from gateway.funds.masking import loggable
from gateway.funds.messages import (
    AnswerKey,
    Message,
    UndecodableMessageError,
    answer_to,
    key_of,
    parse,
)
from gateway.funds.pending import AlreadyAwaitedError, NotWaitedFor, Pending

_log = logging.getLogger(__name__)

_APPROVED: Final = frozenset({None, "00"})


@dataclass(frozen=True)
class LineTimers:
    """`answer_seconds` is for an echo; whoever asks anything else says how long."""

    connect_seconds: float
    answer_seconds: float
    echo_seconds: float

    @property
    def first_delay_seconds(self) -> float:
        return self.connect_seconds / 5

    @property
    def longest_delay_seconds(self) -> float:
        return self.echo_seconds / 2


@dataclass(frozen=True)
class NoAnswer:
    detail: str


class HostLine:
    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        echo: Callable[[], bytes],
        *,
        timers: LineTimers,
        chance: Callable[[], float],
    ) -> None:
        self._connect = connect
        self._echo = echo
        self._timers = timers
        self._chance = chance
        self._line = Line()
        self._up = asyncio.Event()
        self._connection: Connection | None = None
        self._pending: Pending[asyncio.Future[Message | NoAnswer]] = Pending()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def state(self) -> LineState:
        return self._line.state

    @property
    def proven(self) -> bool:
        """The line is up and its last echo was answered in time."""
        return self.state is LineState.PROVEN and self._connection is not None

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._happened(LineEvent.STARTED)
        self._keeper = asyncio.create_task(self._keep_up(), name="card host line")

    async def close(self) -> None:
        """Hang up for good. Whoever waits gets NoAnswer."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        self._happened(LineEvent.STOPPED)
        if self._keeper is not None and not self._keeper.cancelled():
            self._keeper.result()  # it can only have died of a fault of ours

    async def ask(self, message: bytes, *, timeout_seconds: float) -> Message | NoAnswer:
        """Send once and wait for the answer. A line that is down has its connect time to come up."""
        key = answer_to(parse(message))
        try:
            async with asyncio.timeout(timeout_seconds):
                connection = await self._connection_in_time()
                with self._awaiting(key) as answer:
                    await connection.send(message)
                    return await answer
        except TimeoutError:
            return NoAnswer("no answer in time")
        except LineLostError as lost:
            return NoAnswer(str(lost))
        except AlreadyAwaitedError:
            return NoAnswer("the same request is in flight")

    async def _connection_in_time(self) -> Connection:
        try:
            async with asyncio.timeout(self._timers.connect_seconds):
                while self._connection is None:  # it may be gone again when this task gets its turn
                    await self._up.wait()
        except TimeoutError:
            raise LineLostError(f"the line is {self.state}") from None
        return self._connection

    @contextlib.contextmanager
    def _awaiting(self, key: AnswerKey) -> Iterator[asyncio.Future[Message | NoAnswer]]:
        answer: asyncio.Future[Message | NoAnswer] = asyncio.get_running_loop().create_future()
        self._pending.expect(key, answer)
        try:
            yield answer
        finally:
            self._pending.give_up(key)

    async def _keep_up(self) -> None:
        while True:
            reason = await self._live_once()
            self._happened(LineEvent.LOST)
            _log.warning("card_host.line_lost", extra={"reason": reason, "failures": self._line.failures})
            await asyncio.sleep(
                delay_seconds(
                    self._line.failures,
                    first=self._timers.first_delay_seconds,
                    longest=self._timers.longest_delay_seconds,
                    chance=self._chance(),
                )
            )
            self._happened(LineEvent.DELAY_OVER)

    async def _live_once(self) -> str:
        """One connection from its beginning to its end; why it ended."""
        try:
            connection = await self._connect()
        except LineLostError as lost:
            return str(lost)
        self._happened(LineEvent.CONNECTED)
        self._connection = connection
        self._up.set()
        reason = ""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen(connection))
                tasks.create_task(self._keep_proven())
        except* LineLostError as lost:
            reason = str(lost.exceptions[0])
        finally:
            self._connection = None
            self._up.clear()
            for answer in self._pending.give_up_all():
                _settle(answer, NoAnswer("the line was lost"))
            await connection.close()
        return reason

    async def _listen(self, connection: Connection) -> None:
        async for data in connection.messages():
            try:
                message = parse(data)
            except UndecodableMessageError as error:
                raise LineLostError(f"undecodable: {error}") from error
            self._arrived(message)

    def _arrived(self, message: Message) -> None:
        waiter = self._pending.take(key_of(message))
        if isinstance(waiter, NotWaitedFor):
            level, event = _NOT_WAITED_FOR[waiter]
            _log.log(level, event, extra={"fields": loggable(message.values)})
        else:
            _settle(waiter, message)

    async def _keep_proven(self) -> None:
        while True:
            answer = await self.ask(self._echo(), timeout_seconds=self._timers.answer_seconds)
            if isinstance(answer, NoAnswer):
                raise LineLostError(f"echo: {answer.detail}")
            if answer.values.get("39") not in _APPROVED:
                raise LineLostError(f"echo: response code {answer.values['39']}")
            self._happened(LineEvent.ECHO_ANSWERED)
            await asyncio.sleep(self._timers.echo_seconds)

    def _happened(self, event: LineEvent) -> None:
        before, self._line = self._line, self._line.after(event)
        if before.state is not self._line.state:
            _log.info("card_host.line", extra={"state": self._line.state.value, "cause": event.value})


# An answer that matches nothing is an alarm: somebody else uses our numbers, or the host mixes them up.
_NOT_WAITED_FOR: Final = MappingProxyType(
    {
        NotWaitedFor.LATE: (logging.WARNING, "card_host.late_answer"),
        NotWaitedFor.UNMATCHED: (logging.ERROR, "card_host.unmatched_answer"),
    }
)


def _settle(answer: asyncio.Future[Message | NoAnswer], outcome: Message | NoAnswer) -> None:
    if not answer.done():  # its asker may have been cancelled in this very turn of the loop
        answer.set_result(outcome)
