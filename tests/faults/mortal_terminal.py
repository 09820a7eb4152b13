"""A terminal with its gateway that ends itself by SIGKILL right after a commit: the test's own entry point.

    python mortal_terminal.py < lives

Each line of stdin is one life as JSON:

    settings    path of the node's file
    die_after   label of the commit, or null
    order       what the customer pays, or null
    cancel      whether an operator orders a cancel then
    decided     whether a payment that a person must decide about will be decided: wait for it

It is lived in a forked process; its wait status is printed. The modules are loaded once, so that a life
costs what the product costs, and not what Python costs to start.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

from agent.journeys.customer import Unattended
from agent.orders import Order
from agent.settings import load
from agent.terminal import open_terminal
from gateway.money import Amount
from gateway.sandbox.server import Sandbox  # noqa: F401 - a life must not pay for what its module loads
from spool import control_call

QUIET_SECONDS = 30.0


def now():
    return datetime.now(UTC)


class Mortality:
    """Dies right after the commit that is called `label`."""

    def __init__(self, label):
        self._label = label

    def journey(self, record):
        self._happened(record.state)

    def move(self, move):
        self._happened(f"{move.event}>{move.after}")

    def _happened(self, label):
        if label == self._label:
            os.kill(os.getpid(), signal.SIGKILL)


async def live(life):
    mortality = Mortality(life["die_after"])
    settings = load(Path(life["settings"]))
    async with open_terminal(
        settings, now=now, random=SystemRandom(), observe=mortality.journey, observe_gateway=mortality.move
    ) as terminal:
        if life["order"] is not None:
            product, requisites, amount = life["order"]
            await terminal.pay(Order(product, requisites, Amount.parse(amount), "ru"), Unattended())
        await terminal.recovered
        if life["cancel"]:
            await cancel(settings)
        await quiet(settings, decided=life["decided"])


async def cancel(settings):
    [row] = [row async for row in control_call(settings.gateway_control, "books")]
    order = {"id": row["payment_id"], "by": "test", "reason": "the customer asks for it"}
    async for _ in control_call(settings.gateway_control, "payments.cancel", order):
        pass


async def quiet(settings, *, decided):
    """Return once nothing is open in the gateway's book and the spool has nothing to send."""
    async with asyncio.timeout(QUIET_SECONDS):
        while await waits(settings, decided=decided):  # noqa: ASYNC110 - books that nobody announces
            await asyncio.sleep(0.02)


async def waits(settings, *, decided):
    gateway = settings.gateway_control
    states = {row["state"] async for row in control_call(gateway, "books")}
    health = [item async for item in control_call(gateway, "health")]
    waiting = sum(place["ready"] + place["claimed"] for place in health[0]["destinations"])
    if "UNRESOLVED" in states and not decided:
        return False
    return waiting or states - {"PAID", "REFUSED", "RELEASED"}


def fork(life):
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        asyncio.run(live(life))
    except BaseException:  # noqa: BLE001 - the child ends here, whatever it was
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main():
    for line in sys.stdin:
        print(fork(json.loads(line)), flush=True)  # noqa: T201 - the answer to the test


if __name__ == "__main__":
    main()
