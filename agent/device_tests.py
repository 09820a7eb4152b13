"""Tests of the terminal's devices as they are run: quick ones for everybody, guided ones for a person beside them.

One guided test at a time, and only in maintenance, so that no customer meets a device that asks for something else.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.maintenance import Maintenance, Note, State
from devices.selftest import (
    Answer,
    Prompter,
    SelfTest,
    TestResult,
    Verdict,
    interactive_tests,
    quick_tests,
)
from devices.supervisor import Supervised


class NoSuchTestError(LookupError):
    """No device of this terminal has a test of this name."""


class NotInMaintenanceError(Exception):
    """Customers are served here: a guided test has to wait for the terminal."""


class AnotherTestError(Exception):
    """One guided test goes on already."""


@dataclass(frozen=True)
class Ended:
    """A test and what it came to."""

    test: SelfTest
    result: TestResult


class _Nobody:
    """`devices.selftest.Prompter` of a test that needs nobody."""

    async def tell(self, code: str) -> None:
        """There is nobody to tell it to."""

    async def ask(self, code: str, *, deadline_seconds: float) -> Answer:  # noqa: ARG002 - the port's
        return Answer.NONE


NOBODY: Final[Prompter] = _Nobody()
_STOPPED: Final = TestResult(Verdict.SKIPPED, "stopped")


class Guided:
    """A guided test under way: `devices.selftest.Prompter`, with the person behind a page or a command line."""

    def __init__(self, test: SelfTest) -> None:
        self.test = test
        self.told: str | None = None  # a code: what to do now
        self.question: str | None = None  # a code: to be answered by yes or no
        self.result: TestResult | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._changed = asyncio.Event()
        self._count = 0

    @property
    def count(self) -> int:
        """Of changes so far; `change` waits for the next one."""
        return self._count

    async def change(self, count: int) -> None:
        while self._count == count:
            await self._changed.wait()

    def answer(self, answer: Answer) -> None:
        """What nobody asks any more changes nothing."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    async def tell(self, code: str) -> None:
        self.told = code
        self._tell()

    async def ask(self, code: str, *, deadline_seconds: float) -> Answer:
        self.question = code
        self._answer = asyncio.get_running_loop().create_future()
        self._tell()
        try:
            async with asyncio.timeout(deadline_seconds):
                return await self._answer
        except TimeoutError:
            return Answer.NONE
        finally:
            self.question = None
            self._tell()

    def end(self, result: TestResult) -> None:
        """The first result counts."""
        if self.result is not None:
            return
        self.told, self.question, self.result = None, None, result
        self._tell()

    def _tell(self) -> None:
        self._count += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class DeviceTests:
    """`devices`: those of the terminal, as they are now."""

    def __init__(
        self, devices: Callable[[], Sequence[Supervised]], maintenance: Maintenance, note: Note
    ) -> None:
        self._devices = devices
        self._maintenance = maintenance
        self._note = note
        self._task: asyncio.Task[None] | None = None
        self.guided: Guided | None = None  # the latest one, over or not
        self.latest: dict[str, Ended] = {}  # by test, since the start

    @property
    def devices(self) -> Sequence[Supervised]:
        return self._devices()

    def quick(self, device: str | None = None) -> Sequence[SelfTest]:
        """Of one device, or of all of them."""
        wanted = [it for it in self._devices() if device in (None, it.name)]
        return [test for it in wanted for test in quick_tests(it)]

    def interactive(self, device: str | None = None) -> Sequence[SelfTest]:
        wanted = [it for it in self._devices() if device in (None, it.name)]
        return [test for it in wanted for test in interactive_tests(it)]

    async def run(self, tests: Sequence[SelfTest]) -> AsyncIterator[Ended]:
        """Quick tests, one after the other."""
        for test in tests:
            yield await self._ended(test, await test.run(NOBODY))

    def begin(self, test_id: str) -> Guided:
        """Begin a guided test. NoSuchTestError, NotInMaintenanceError, AnotherTestError."""
        found = next((test for test in self.interactive() if test.id == test_id), None)
        if found is None:
            raise NoSuchTestError(test_id)
        if self._maintenance.state is not State.MAINTAINED:
            raise NotInMaintenanceError
        if self._task is not None and not self._task.done():
            raise AnotherTestError
        guided = self.guided = Guided(found)
        self._task = self._maintenance.work(self._guide(guided))
        self._task.add_done_callback(lambda _: guided.end(_STOPPED))  # also one that was never begun
        return guided

    async def stop(self) -> None:
        """End the guided test that goes on, if there is one."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _guide(self, guided: Guided) -> None:
        named = {"test": guided.test.id}
        try:
            await self._note("test.begun", named)
            result = await guided.test.run(guided)
        except asyncio.CancelledError:
            await self._note("test.stopped", named)
            raise
        guided.end(result)
        await self._ended(guided.test, result)

    async def _ended(self, test: SelfTest, result: TestResult) -> Ended:
        ended = self.latest[test.id] = Ended(test, result)
        await self._note(
            "test.ended", {"test": test.id, "verdict": result.verdict, "next_step": result.next_step}
        )
        return ended
