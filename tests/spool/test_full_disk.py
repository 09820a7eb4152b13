"""A disk that fills, fails to sync, and has room again."""

import asyncio

import pytest

from spool import CommitFailed, DiskFull, SpoolSettings, enqueue

MIB = 1024 * 1024


@pytest.fixture
async def spool(open_spool, faulty_disk):
    return await open_spool(
        disk=faulty_disk, settings=SpoolSettings(reserve_bytes=MIB, upkeep_seconds=3600), threaded=False
    )


async def test_the_reserve_is_given_up_so_that_what_is_under_way_can_end(spool, faulty, letter):
    assert not spool.disk_full
    faulty.free_bytes = 0
    assert await spool.write(lambda tx: enqueue(tx, letter("a", payload=bytes(100_000)))) == 1
    assert spool.disk_full
    assert (await spool.health()).disk_full
    assert spool.fault is None


async def test_without_a_reserve_the_whole_batch_fails_and_nothing_is_kept(spool, faulty, letter):
    faulty.free_bytes = 0
    writing = [spool.write(lambda tx, n=n: enqueue(tx, letter(str(n), payload=bytes(MIB)))) for n in range(3)]
    results = await asyncio.gather(*writing, return_exceptions=True)
    assert [type(result) for result in results] == [DiskFull] * 3
    assert spool.fault
    faulty.free_bytes = 64 * MIB
    assert await spool.write(lambda tx: enqueue(tx, letter("fits again"))) == 1
    assert spool.fault is None
    assert await spool.check() == "ok"


def test_the_reserve_is_taken_back_when_there_is_room_for_it_twice(
    open_in_virtual_time, simulate, faulty, faulty_disk
):
    async def live():
        async with open_in_virtual_time(disk=faulty_disk, settings=SpoolSettings(reserve_bytes=MIB)) as spool:
            faulty.free_bytes = 0
            await spool.write(fills)
            assert spool.disk_full
            faulty.free_bytes = 2 * MIB - 1
            await asyncio.sleep(61)
            assert spool.disk_full
            faulty.free_bytes = 2 * MIB
            await asyncio.sleep(61)
            assert not spool.disk_full
            assert faulty.free_bytes <= MIB

    simulate(live())


async def test_a_failed_sync_fails_every_write_of_its_batch(spool, faulty, letter):
    await spool.write(lambda tx: enqueue(tx, letter("before")))
    faulty.failing_syncs = 1
    writing = [spool.write(lambda tx, n=n: enqueue(tx, letter(str(n)))) for n in range(3)]
    results = await asyncio.gather(*writing, return_exceptions=True)
    assert [type(result) for result in results] == [CommitFailed] * 3
    assert await keys(spool) == ["before"]


async def test_after_a_failed_sync_nothing_is_promised_before_the_log_was_written_anew(
    spool, faulty, faulty_disk, letter
):
    await spool.write(lambda tx: enqueue(tx, letter("before")))
    faulty.failing_syncs = 2
    faulty_disk.renewals = 0
    with pytest.raises(CommitFailed):
        await spool.write(lambda tx: enqueue(tx, letter("a")))
    with pytest.raises(CommitFailed):  # the log was written anew, and its sync fails again
        await spool.write(lambda tx: enqueue(tx, letter("b")))
    assert faulty_disk.renewals == 1
    await spool.write(lambda tx: enqueue(tx, letter("c")))
    assert faulty_disk.renewals == 2
    assert await keys(spool) == ["before", "c"]
    assert await spool.check() == "ok"


async def test_callbacks_of_a_failed_commit_are_not_called(spool, faulty, letter):
    told = []

    def writes(tx):
        enqueue(tx, letter("a"))
        tx.after_commit(lambda: told.append("a"))

    faulty.failing_syncs = 1
    with pytest.raises(CommitFailed):
        await spool.write(writes)
    assert told == []


async def keys(spool):
    return await spool.read(lambda tx: [row[0] for row in tx.execute("SELECT key FROM entry ORDER BY key")])


def fills(tx):
    tx.execute("CREATE TABLE filler AS SELECT zeroblob(100000)")
