"""`tolem gateway` and `tolem agent`: processes that run until SIGINT or SIGTERM ends them."""

import logging
from random import SystemRandom

from agent import logs, owner
from agent.cli.options import Config
from agent.cli.process import run, stopped
from agent.settings import gateway_part, load
from agent.terminal import open_terminal
from agent.terminal_commands import terminal_commands
from gateway.service import Gateway
from spool import ControlServer

log = logging.getLogger(__name__)


def gateway(config: Config) -> None:
    """Run the gateway: the API for terminals, and the lines to e-port and the card host."""
    run(_gateway(config))


def agent(config: Config) -> None:
    """Run the terminal, and the gateway with it where that is this node's own."""
    run(_agent(config))


async def _gateway(config: Config) -> None:
    part = gateway_part(load(config))
    logs.configure()
    async with Gateway.open(part, node=part.node, now=owner.now, random=SystemRandom()):
        await stopped()


async def _agent(config: Config) -> None:
    settings = load(config)
    logs.configure()
    async with (
        open_terminal(settings, now=owner.now, random=SystemRandom()) as terminal,
        ControlServer(settings.agent_control, terminal_commands(terminal)) as control,
    ):
        log.info("agent.listening", extra={"control": control.path})
        await stopped()
