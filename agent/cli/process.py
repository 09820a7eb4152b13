"""Runs a command's coroutine, tells what failed, and stops it the way a person or systemd would."""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import Any

import typer
from rich.console import Console

from agent import logs
from agent.cli.failures import complain, explain

STOPPED_BY_HAND = 130  # 128 + SIGINT


def run(command: Coroutine[Any, Any, int | None]) -> None:
    """Run to the end and leave with its exit code. A known error is told; an unknown one is a defect."""
    logs.configure(level=logging.CRITICAL)  # a service says more as soon as it runs
    try:
        code = asyncio.run(command)
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED_BY_HAND) from None
    except Exception as error:
        failure = explain(error)
        if failure is None:
            raise
        complain(failure, Console(stderr=True))
        raise typer.Exit(failure.exit_code) from None
    raise typer.Exit(code or 0)


async def stopped() -> None:
    """Return at SIGINT or SIGTERM, so that the caller can end what it holds."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
