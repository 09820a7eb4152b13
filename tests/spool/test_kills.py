"""A process that is killed in mid-commit: what it was told is durable is there, whole, and nothing else is odd."""

import asyncio
import subprocess
import sys
from collections import Counter

import pytest

from spool import last_number
from spool.entry_states import State

WRITES_UNTIL_KILLED = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from spool import *

async def answers(entry):
    return Delivered() if entry.attempts else Again(after_seconds=0.0)

async def main():
    spool = await Spool.open(Path(sys.argv[1]), rooms=[], now=lambda: datetime.now(UTC), random=SystemRandom())
    routes = {"letter": Route(answers, Schedule(jitter=0))}
    forwarding = asyncio.create_task(Forwarder(spool, routes, breakers=Breakers(spool)).run())

    def enqueue_next(tx):
        n = next_number(tx, "n")
        enqueue(tx, NewEntry("letter", "eport", f"lane {n % 7}", f"key {n}", bytes(n % 3000)))
        return n

    async def produce():
        while True:
            print(await spool.write(enqueue_next), flush=True)

    await asyncio.gather(*(produce() for _ in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 40, 171, 400])
async def test_what_was_acknowledged_survives_a_kill_and_nothing_is_half_there(open_spool, tmp_path, after):
    path = tmp_path / "gateway.db"
    told = await asyncio.to_thread(kill_after, path, after)
    spool = await open_spool()
    assert await spool.check() == "ok"

    def look(tx):
        keys = [row[0] for row in tx.execute("SELECT key FROM entry ORDER BY id")]
        bodies = list(tx.execute("SELECT length(payload) FROM entry JOIN body ON entry_id = id ORDER BY id"))
        states = Counter(row[0] for row in tx.execute("SELECT state FROM entry"))
        lines = tx.one("SELECT count(*) FROM history WHERE event <> 'returned'")[0]
        attempts = tx.one("SELECT coalesce(sum(attempts), 0) FROM entry")[0]
        returned = tx.one("SELECT count(*) FROM history WHERE event = 'returned'")[0]
        return keys, bodies, states, lines + returned - attempts, last_number(tx, "n")

    keys, bodies, states, unwritten, last = await spool.read(look)
    assert set(told) <= set(range(1, last + 1))
    assert keys == [f"key {n}" for n in range(1, last + 1)]
    assert bodies == [(n % 3000,) for n in range(1, last + 1)]
    assert states.keys() <= {
        State.READY,
        State.CLAIMED,
        State.DELIVERED,
    }  # the next forwarder takes claims over
    assert unwritten == 0


def kill_after(path, count):
    """The numbers that a process said were durable before it was killed."""
    command = [sys.executable, "-c", WRITES_UNTIL_KILLED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told = [int(process.stdout.readline()) for _ in range(count)]
        process.kill()
        rest = process.stdout.read().splitlines(keepends=True)
    return told + [int(line) for line in rest if line.endswith("\n")]
