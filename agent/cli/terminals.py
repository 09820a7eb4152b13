# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem terminals`: the bank's own CA for its terminals, one-time codes, and shutting a terminal out."""

import getpass
import json
from datetime import timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.cli.options import AsJson, Config
from agent.cli.process import run
from agent.settings import Settings, load
from certs.authority import Authority
from certs.keys import KINDS
from certs.pair import Pair
from gateway.certificates.files import passphrase_of
from gateway.enrolment.codes import formatted, new_code
from gateway.settings import SettingsError

app = typer.Typer(no_args_is_help=True, help="Make the terminals' CA; invite, list and revoke terminals.")

_SERVER_LIFE: Final = timedelta(days=825)
_COLUMNS: Final = ("terminal", "state", "ends", "fingerprint")
Terminal = Annotated[str, typer.Argument(metavar="TERMINAL", help="Its id, such as ATM00017.")]
By = Annotated[str, typer.Option(help="Who does it.", default_factory=getpass.getuser)]


@app.command()
def ca(
    config: Config,
    name: Annotated[str, typer.Option(help="The CA's common name.")] = "Tolem terminals",
    server: Annotated[
        list[str] | None,
        typer.Option(help="Sign the gateway's own certificate too, for this host name or address."),
    ] = None,
) -> None:
    """Make the CA that signs terminals: gateway.terminal_ca and gateway.terminal_ca_key, never replaced."""
    run(_ca(load(config), name, server or []))


@app.command()
def invite(config: Config, terminal: Terminal, by: By) -> None:
    """Print a one-time code for a terminal; the gateway runs. A code before it is void."""
    run(_invite(load(config), terminal, by))


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """Every terminal that was enrolled or invited."""
    run(_list(load(config), as_json=as_json))


@app.command()
def revoke(
    config: Config,
    terminal: Terminal,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    by: By,
) -> None:
    """Shut a terminal out at once, also from connections that are open. A new invitation lets it in again."""
    run(_revoke(load(config), {"terminal": terminal, "reason": reason, "by": by}))


async def _ca(settings: Settings, name: str, servers: list[str]) -> None:
    section = settings.gateway
    if section.terminal_ca is None or section.terminal_ca_key is None:
        raise SettingsError("gateway: set terminal_ca and terminal_ca_key: where the CA is to be")
    if servers and (section.cert is None or section.key is None):
        raise SettingsError("gateway: set cert and key: where the gateway's own certificate is to be")
    section.terminal_ca.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Authority.make(
        section.terminal_ca,
        section.terminal_ca_key,
        name=name,
        now=owner.now(),
        passphrase=passphrase_of(section.terminal_ca_passphrase),
    )
    facts: dict[str, object] = {"ca": section.terminal_ca, "key": section.terminal_ca_key}
    if servers and section.cert is not None and section.key is not None:
        key, pair = KINDS["p-256"](), Pair(section.cert, section.key)
        own = made.issue_to_server(key, names=servers, now=owner.now(), lasts=_SERVER_LIFE)
        pair.stage([own], key)
        pair.accept()
        facts |= {"gateway": section.cert}
    facts |= {"next": "give terminals the file of the CA (agent.ca), and keep its key safe"}
    show_facts(Console(), facts)


async def _invite(settings: Settings, terminal: str, by: str) -> None:
    code = new_code(owner.random_bytes)
    async with owner.gateway_store(settings) as call:
        arguments = {"terminal": terminal, "code": code, "by": by}
        [made] = [item async for item in call("terminals.invite", arguments)]
    zone = ZoneInfo(settings.node.time_zone)
    until = local(made["until"], zone)
    show_facts(Console(), {"terminal": terminal, "code": formatted(code), "until": until})


async def _list(settings: Settings, *, as_json: bool) -> None:
    async with owner.gateway_store(settings) as call:
        found = [item async for item in call("terminals.list", {})]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    zone = ZoneInfo(settings.node.time_zone)
    show_rows(Console(), _COLUMNS, ([local(one[column], zone) for column in _COLUMNS] for one in found))


async def _revoke(settings: Settings, arguments: owner.Item) -> None:
    async with owner.gateway_store(settings) as call:
        [done] = [item async for item in call("terminals.revoke", arguments)]
    show_facts(Console(), done)
