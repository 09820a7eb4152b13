"""`tolem gateway` and `tolem agent`: processes that run until SIGINT or SIGTERM ends them."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from random import SystemRandom

from agent import logs, owner
from agent.cli.options import Config
from agent.cli.process import run_until_stopped
from agent.doctor import report
from agent.kiosk.kiosk import Kiosk
from agent.settings import Settings, gateway_part, load
from agent.support import support_bundle
from agent.technician.service_page import service_page
from agent.terminal import Terminal, open_terminal
from agent.terminal_commands import TerminalCommands
from gateway.service import Gateway
from spool import ControlServer

log = logging.getLogger(__name__)


def gateway(config: Config) -> None:
    """Run the gateway: the API for terminals, and the lines to e-port and the card host."""
    run_until_stopped(lambda stop: _gateway(config, stop))


def agent(config: Config) -> None:
    """Run the terminal, and the gateway with it where that is this node's own."""
    run_until_stopped(lambda stop: _agent(config, stop))


async def _gateway(config: Config, stop: asyncio.Event) -> None:
    part = gateway_part(load(config))
    logs.configure()
    async with Gateway.open(part, node=part.node, now=owner.now, random=SystemRandom()):
        await stop.wait()


async def _agent(config: Config, stop: asyncio.Event) -> None:
    settings = load(config)
    logs.configure()
    async with open_terminal(settings, now=owner.now, random=SystemRandom()) as terminal:
        commands = TerminalCommands(terminal)
        async with ControlServer(settings.agent_control, commands.table) as control:
            log.info("agent.listening", extra={"control": control.path})
            async with _screen(terminal), _service(terminal, commands):
                await stop.wait()
            await commands.stop()  # while there is a socket on which to tell the callers


def _screen(terminal: Terminal) -> AbstractAsyncContextManager[object]:
    """The customer's, where this terminal has one."""
    kiosk = terminal.settings.agent.kiosk
    if kiosk is None:
        return nullcontext()
    return Kiosk.open(
        terminal, listen=kiosk.listen, random_bytes=owner.random_bytes, framed_by=kiosk.framed_by
    )


def _service(terminal: Terminal, commands: TerminalCommands) -> AbstractAsyncContextManager[object]:
    """The technician's page, where this terminal has one. It asks this process and no other."""
    settings, call = terminal.settings, owner.within(commands.table)
    if settings.agent.service is None:
        return nullcontext()

    def asking(_: Settings) -> AbstractAsyncContextManager[owner.Call]:
        return nullcontext(call)

    return service_page(
        terminal,
        listen=settings.agent.service.listen,
        call=call,
        report=partial(report, settings, asking=asking),
        bundle=partial(support_bundle, settings, asking=asking),
        now=owner.now,
        random_bytes=owner.random_bytes,
    )
