"""Somebody who follows the README: types its commands in a clone, on ports that are free here."""

import asyncio
import re
import shlex
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from agent.processes import Running, start
from tests.house.readme import README, commands


@dataclass
class Reader:
    """Somebody in a clone who types what the README shows. `says` is what stands for a word in capitals."""

    clone: Path
    ports: dict[str, str]
    running: AsyncExitStack
    says: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)

    async def types(self, command: str, *, expect: int = 0) -> str:
        """Run the one command of the README that is or begins so; what it said on stdout."""
        process = await asyncio.create_subprocess_exec(
            *self._words(self._found(command)),
            cwd=self.clone,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = (text.decode() for text in await process.communicate())
        assert process.returncode == expect, f"{command}: exit {process.returncode}\n{out}\n{err}"
        return out

    async def leaves_running(self, command: str) -> Running:
        """Start the one command of the README that begins so."""
        program, *arguments = shlex.split(self._found(command))
        assert program == "./tolem"
        process = await start(arguments[0], arguments, log=self.clone / f"{arguments[0]}.log")
        self.running.push_async_callback(process.stop)
        return process

    def with_ports(self, text: str) -> str:
        """The README's ports may be taken on this machine."""
        for shown, free in self.ports.items():
            text = text.replace(shown, free)
        return text

    def _found(self, begins: str) -> str:
        shown = set(commands(README.read_text()))
        (found,) = {begins} & shown or {line for line in shown if line.startswith(begins)}
        self.typed.append(found)
        for capitals, meant in self.says.items():
            found = re.sub(rf"\b{capitals}\b", meant, found)
        return self.with_ports(found)

    def _words(self, line: str) -> list[str]:
        program, *arguments = shlex.split(line)
        return [*((sys.executable, "-m", "agent.cli") if program == "./tolem" else (program,)), *arguments]
