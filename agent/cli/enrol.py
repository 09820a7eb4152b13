"""`tolem enrol`: a new terminal gets its certificate for the one-time code of `tolem terminals invite`."""

from typing import Annotated

import typer
from rich.console import Console

from agent import owner
from agent.cli.failures import CommandFailed, Failure
from agent.cli.look import show_facts
from agent.cli.options import Config
from agent.cli.process import run
from agent.enrolment import enrol as enrol_terminal
from agent.settings import Settings, load
from certs.pair import Pair
from certs.tls import client_context
from gateway.client import ClientTimers, GatewayClient
from gateway.enrolment.codes import MistypedCodeError, compact
from gateway.settings import SettingsError


def enrol(
    config: Config,
    code: Annotated[
        str, typer.Option(help="The one-time code, however it is spaced; without it, it is asked.")
    ] = "",
) -> None:
    """Get this terminal's certificate for a one-time code; the key is made here and stays here."""
    settings = load(config)
    run(_enrol(settings, code or typer.prompt("Code")))


async def _enrol(settings: Settings, typed: str) -> None:
    agent, timers = settings.agent, settings.timers
    if agent.enrol_url is None or agent.cert is None or agent.key is None or agent.ca is None:
        raise SettingsError(
            "agent: set enrol_url, cert, key and ca: where to enrol, and where the files are to be"
        )
    try:
        code = compact(typed)
    except MistypedCodeError as error:
        raise CommandFailed(Failure("The code is mistyped", (str(error),), "type it again")) from None
    client = GatewayClient.over_tls(
        agent.enrol_url,
        client_context(agent.ca),
        random_bytes=owner.random_bytes,
        timers=ClientTimers(timers.gateway_connect_seconds, timers.gateway_answer_seconds),
    )
    agent.cert.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        pair = Pair(agent.cert, agent.key)
        ends = await enrol_terminal(pair, client, terminal=settings.node.id, code=code)
    finally:
        await client.close()
    show_facts(Console(), {"terminal": settings.node.id, "certificate": agent.cert, "ends": ends.isoformat()})
