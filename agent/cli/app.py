# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""The commands of `tolem`, and their entry point.

To add a command, add its line to `COMMANDS`; nothing is imported here, so that every command starts fast.
"""

from typing import Annotated, Final

import typer

from agent import VERSION
from agent.cli.deferred import DeferredGroup, Table

NAME: Final = "tolem"
COMMANDS: Final[Table] = {
    # name: (module:function, or module:app of a group; the first line of its help, which a test compares)
    "gateway": (
        "services:gateway",
        "Run the gateway: the API for terminals, and the lines to e-port and the card host.",
    ),
    "agent": ("services:agent", "Run the terminal, and the gateway with it where that is this node's own."),
    "kiosk": (
        "kiosk:kiosk",
        "Show the customer's screen: Chromium, full screen, started again whenever it ends.",
    ),
    "pay": ("pay:pay", "Pay one bill by card: check, card, PIN, hold, payment, receipt."),
    "pay-link": (
        "pay_link:pay_link",
        "Pay a shop by its payment link: who is paid, card, PIN, order, receipt.",
    ),
    "sale": (
        "sale:sale",
        "Sell as a merchant: a payment link and its QR code, until it is paid, cancelled or expired.",
    ),
    "products": ("products:products", "List what can be paid, with requisites and fees."),
    "doctor": (
        "doctor:doctor",
        "Examine devices, stores, certificates, gateway and clock. Exit 0 well, 1 warnings, 2 out of service.",
    ),
    "devices": (
        "devices:app",
        "List the terminal's devices, watch them, test them, find what is plugged in.",
    ),
    "service": ("service:app", "The technician's page: set its PIN."),
    "support-bundle": (
        "support_bundle:support_bundle",
        "Write what support needs: report, settings, versions, devices, log, spool. No card data, no keys.",
    ),
    "sandbox": (
        "sandbox:app",
        "Run e-port, a card host and a central system until Ctrl-C, with ledgers of their own.",
    ),
    "demo": (
        "demo:demo",
        "Show the product at work: a terminal to play with in a browser; or, with --pay, payments and three books.",
    ),
    "payments": ("payments:app", "List payments, show one's whole story, take it to e-port, order a cancel."),
    "transfers": ("transfers:app", "List payments by link, show one's whole chain."),
    "certs": (
        "certs:app",
        "The personal certificate for e-port: request, install, exchange it.",
    ),
    "terminals": ("terminals:app", "Make the terminals' CA; invite, list and revoke terminals."),
    "enrol": (
        "enrol:enrol",
        "Get this terminal's certificate for a one-time code; the key is made here and stays here.",
    ),
    "catalogue": (
        "catalogue:app",
        "Check, compare and publish the catalogue, switch a provider off and on.",
    ),
    "alarms": ("alarms:app", "List the gateway's alarms, close one."),
    "registry": (
        "registry:app",
        "List the registries that leave, show one, build what is due, send again; fetch e-port's of a day.",
    ),
    "reconcile": (
        "reconcile:app",
        "Compare a day with e-port's registry: `tolem reconcile DAY`; decide what differs, close the day.",
    ),
    "act": (
        "act:app",
        "The monthly act: make and sign it, verify one, compare with e-port's.",
    ),
    "office": ("office:app", "Who may use the operators' page: passwords."),
    "retention": (
        "retention:retention",
        "What was forgotten because its time was over, by day and kind; [retention] says how long what is kept.",
    ),
    "spool": ("spool:app", "List what has to leave, show, retry or close an entry."),
}


class _Tolem(DeferredGroup):
    table = COMMANDS


app = typer.Typer(
    name=NAME,
    cls=_Tolem,
    help="The software of a payment terminal, and of the billing gateway behind it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a frame may hold card data
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback of a flag
    if wanted:
        typer.echo(f"{NAME} {VERSION}")
        raise typer.Exit


@app.callback()
def tolem(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    app(prog_name=NAME)  # also when it was started as a module
