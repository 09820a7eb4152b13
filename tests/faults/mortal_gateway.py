"""A gateway of its own that ends itself by SIGKILL right after a commit: another entry point of the tests.

    python mortal_gateway.py SETTINGS LABEL

It begins when a line comes in, so that its modules are loaded by then. It says `ready` when it listens,
and lives until that commit, or for ever.
"""

import asyncio
import sys
from pathlib import Path
from random import SystemRandom

from agent.settings import gateway_part, load
from gateway.service import Gateway
from tests.faults.mortal_terminal import Mortality, now


async def live(path, label):
    part = gateway_part(load(path))
    observe = Mortality(label).move
    async with Gateway.open(part, node=part.node, now=now, random=SystemRandom(), observe=observe):
        print("ready", flush=True)  # noqa: T201 - the answer to the test
        await asyncio.Event().wait()


if __name__ == "__main__":
    sys.stdin.readline()
    asyncio.run(live(Path(sys.argv[1]), sys.argv[2]))
