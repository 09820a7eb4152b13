"""Our own processes started for a show: settings written, started in order, waited for, stopped backwards."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from agent import sample_settings
from agent.processes import Running, start
from agent.sample_settings import Section, Sections
from certs.throwaway import Issued
from spool import ControlUnavailable, control_call

START_SECONDS: Final = 60.0
_LOOK_AGAIN_SECONDS: Final = 0.05


class StageError(Exception):
    """Something did not come up in time."""


def pair(issued: Issued) -> Section:
    return {"cert": issued.certificate, "key": issued.key}


def write_settings(folder: Path, name: str, settings: Sections) -> None:
    (folder / f"{name}.toml").write_text(sample_settings.text(settings), "utf-8")


async def start_node(folder: Path, name: str, command: str) -> Running:
    return await start_process(folder, name, command, "--config", str(folder / f"{name}.toml"))


async def start_process(folder: Path, name: str, *arguments: str) -> Running:
    return await start(name, arguments, log=folder / f"{name}.log")


async def stop_all(processes: Sequence[Running]) -> None:
    """Terminals first, so that nobody asks what is already gone."""
    for process in reversed(processes):
        await process.stop()


async def until(ready: Callable[[], Awaitable[bool]], processes: Sequence[Running]) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await ready():
                for process in processes:
                    process.check()
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError:
        raise StageError(f"{processes[-1].name} is not ready after {START_SECONDS:g} seconds") from None


async def exists(path: Path) -> bool:
    return path.exists()  # noqa: ASYNC240 - one look; a thread would make the forks after it unsafe


async def answers(control: Path) -> bool:
    try:
        async for _ in control_call(control, "health"):
            return True
    except ControlUnavailable:
        pass
    return False


def free_port() -> int:
    """Of loopback; free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
