import asyncio
import subprocess
import sys

import pytest

from spool import StoreBusy, enqueue

OPEN_ELSEWHERE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from spool import Spool, StoreBusy

async def main():
    try:
        spool = await Spool.open(Path(sys.argv[1]), rooms=[], now=lambda: datetime.now(UTC), random=SystemRandom())
    except StoreBusy as error:
        print(f"busy: {error}")
        return
    print("mine", flush=True)
    sys.stdin.read()
    await spool.close()

asyncio.run(main())
"""


def elsewhere(path):
    return subprocess.Popen(
        [sys.executable, "-c", OPEN_ELSEWHERE, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_a_second_process_is_refused_and_told_who_holds_the_store(open_spool, tmp_path):
    path = tmp_path / "gateway.db"
    first = elsewhere(path)
    with first:
        assert await asyncio.to_thread(first.stdout.readline) == "mine\n"
        with pytest.raises(StoreBusy, match=rf"gateway\.db is in use by process {first.pid};"):
            await open_spool()
        first.stdin.close()
    assert (await open_spool()).epoch == 2


async def test_a_store_is_refused_to_another_process_while_it_is_open_here(spool):
    second = elsewhere(spool.path)
    with second:
        said = await asyncio.to_thread(second.stdout.read)
    assert said.startswith("busy:")


async def test_a_killed_owner_leaves_no_lock_behind(open_spool, tmp_path):
    first = elsewhere(tmp_path / "gateway.db")
    with first:
        await asyncio.to_thread(first.stdout.readline)
        first.kill()
    assert (await open_spool()).epoch == 2


async def test_a_store_is_closed_once_however_often_and_by_whomever(spool, open_spool, letter):
    spool.write_later(lambda tx: enqueue(tx, letter("a")), durable=True)
    impatient = asyncio.create_task(spool.close())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(spool.close(), spool.close())
    await spool.close()
    again = await open_spool()
    assert await again.read(lambda tx: tx.one("SELECT key FROM entry")) == ("a",)
