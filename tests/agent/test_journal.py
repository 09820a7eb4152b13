"""The journal's lines leave in batches, also when the store could not write for a while."""

import asyncio
from random import Random

import pytest

from agent.journal import KIND, Journal, noted
from agent.migrations import ROOMS
from spool import Spool, SpoolSettings
from tests.journeys.conftest import eventually
from tests.spool.faulty_disk import FaultyDisk, FaultyVfs


@pytest.fixture
def faulty():
    return FaultyVfs()


@pytest.fixture
async def spool(tmp_path, clock, faulty):
    opening = await Spool.open(
        tmp_path / "agent.db",
        rooms=ROOMS,
        now=clock,
        random=Random(1),
        threaded=False,
        disk=FaultyDisk(faulty),
        settings=SpoolSettings(reserve_bytes=4096, upkeep_seconds=3600),
    )
    async with opening as opened:
        yield opened


async def in_batches(spool):
    return await spool.read(
        lambda tx: [key for (key,) in tx.execute("SELECT key FROM entry WHERE kind = ? ORDER BY id", (KIND,))]
    )


async def failing(spool):
    return spool.fault


async def test_a_disk_that_was_full_for_a_while_does_not_end_the_journal(spool, faulty) -> None:
    journal = Journal(spool, batch_seconds=0)
    await noted(spool, journal, "door.opened", {})
    faulty.free_bytes = -1
    running = asyncio.create_task(journal.run())
    await eventually(lambda: failing(spool), bool)
    faulty.free_bytes = 2**30
    await eventually(lambda: in_batches(spool), lambda keys: keys == ["events-1-1"])
    await noted(spool, journal, "door.closed", {})
    await eventually(lambda: in_batches(spool), lambda keys: keys == ["events-1-1", "events-2-2"])
    running.cancel()
    await asyncio.wait([running])


async def test_an_end_on_a_full_disk_is_an_end_and_the_next_life_hands_over(spool, faulty, caplog) -> None:
    journal = Journal(spool, batch_seconds=0)
    await noted(spool, journal, "door.opened", {})
    faulty.free_bytes = -1
    await journal.close()
    assert "journal.not_handed_over" in caplog.text
    faulty.free_bytes = 2**30
    running = asyncio.create_task(Journal(spool, batch_seconds=0).run())
    await eventually(lambda: in_batches(spool), lambda keys: keys == ["events-1-1"])
    running.cancel()
    await asyncio.wait([running])
