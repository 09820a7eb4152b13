"""Runs a command's coroutine, tells what failed, and stops it the way a person or systemd would.

A command that ends itself gets an Event: SIGINT and SIGTERM set it, and the command ends what it holds. A
second SIGTERM adds nothing; a second SIGINT is a person who does not want to wait, and cancels. Any other
command is cancelled by either signal.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn

import typer
from rich.console import Console

from agent import logs

Command = Coroutine[Any, Any, int | None]
STOPPED_BY_HAND: Final = 128 + signal.SIGINT
STOPPED: Final = 128 + signal.SIGTERM
_OURS_ALONE: Final = 0o077


def run(command: Command) -> None:
    """Run to the end and leave with its exit code. A known error is told; an unknown one is a defect."""
    _run(_cancelled_by_sigterm(command))


def run_until_stopped(command: Callable[[asyncio.Event], Command]) -> None:
    """The same for a command that ends itself when its Event is set."""
    _run(_told_to_stop(command))


def _run(command: Command) -> None:
    logs.configure(level=logging.CRITICAL)  # a service says more as soon as it runs
    before = os.umask(_OURS_ALONE)  # what a node keeps is nobody else's
    try:
        code = asyncio.run(command)
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED_BY_HAND) from None
    except asyncio.CancelledError:
        raise typer.Exit(STOPPED) from None
    except Exception as error:  # noqa: BLE001 - `leave` raises again what it does not know
        leave(error)
    finally:
        os.umask(before)
    raise typer.Exit(code or 0)


def leave(error: Exception) -> NoReturn:
    """End with what a known error is told as; an unknown one, or a reader of ours who went away, goes on."""
    from agent.cli.failures import complain, explain  # noqa: PLC0415 - it knows the errors of every part

    failure = explain(error)
    if failure is None or isinstance(error, BrokenPipeError):
        raise error
    complain(failure, Console(stderr=True))
    raise typer.Exit(failure.exit_code) from None


async def _cancelled_by_sigterm(command: Command) -> int | None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _this_task().cancel)
    return await command


async def _told_to_stop(command: Callable[[asyncio.Event], Command]) -> int | None:
    loop, task, stop = asyncio.get_running_loop(), _this_task(), asyncio.Event()

    def interrupt() -> None:
        if stop.is_set():
            task.cancel()
        stop.set()

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, interrupt)
    return await command(stop)


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise AssertionError("a coroutine runs in a task")
    return task
