"""Processes that we start: each in a group of its own, its log in a file, and none of them outliving us.

A child asks the kernel to be killed when its parent dies, so that not even our own SIGKILL leaves
orphans; where there is no such call (outside Linux) a stop by signal is all there is.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import agent

STOP_SECONDS: Final = 10.0
_PR_SET_PDEATHSIG: Final = 1
_TAIL_LINES: Final = 12


class ProcessDiedError(Exception):
    """A process ended though it was to go on. `lines`: the end of its log."""

    def __init__(self, name: str, code: int, log: Path) -> None:
        super().__init__(f"{name} ended with exit code {code}; its log is {log}")
        self.lines = log.read_text("utf-8", errors="replace").splitlines()[-_TAIL_LINES:]


@dataclass(frozen=True)
class Running:
    """A started process. Everything that it writes stands in `log`."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @property
    def dead(self) -> bool:
        return self.process.returncode is not None

    def check(self) -> None:
        """Raise ProcessDiedError if it is no longer there."""
        if self.process.returncode is not None:
            raise ProcessDiedError(self.name, self.process.returncode, self.log)

    async def stop(self) -> int:
        """SIGTERM to its group, SIGKILL after ten seconds; the exit code."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await self.process.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            return await self.process.wait()

    def sweep(self) -> None:
        """SIGKILL to whatever it started and left behind in its group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """SIGKILL to its group: nothing is put away, as when the power fails."""
        self._signal(signal.SIGKILL)
        await self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if not self.dead:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


async def start(name: str, arguments: Sequence[str], *, log: Path) -> Running:
    """`tolem ARGUMENTS…` by this interpreter and this code, wherever both lie."""
    return await start_program(name, (sys.executable, "-m", "agent.cli", *arguments), log=log)


async def start_program(name: str, command: Sequence[str], *, log: Path) -> Running:
    code = str(Path(agent.__file__).parent.parent)
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "PYTHONPATH": code},
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    return Running(name, process, log)


def _die_with_parent() -> None:
    """In the child, before exec."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
