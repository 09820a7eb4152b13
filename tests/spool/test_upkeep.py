import asyncio

import pytest

from spool import Delivered, SpoolSettings, enqueue, remember
from spool.agenda import Quota
from spool.lease import acknowledge, claim
from spool.upkeep import SLICE, purge_entries

DAY_SECONDS = 24 * 3600.0
SETTINGS = SpoolSettings(reserve_bytes=1, upkeep_seconds=DAY_SECONDS / 10)


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (6.5, {"entry": 251, "body": 251, "history": 250, "answer": 1}),
        (7.5, {"entry": 251, "body": 1, "history": 250, "answer": 1}),
        (89.5, {"entry": 251, "body": 1, "history": 250, "answer": 1}),
        (90.5, {"entry": 1, "body": 1, "history": 0, "answer": 0}),
    ],
)
def test_bodies_go_after_a_week_keys_and_answers_after_ninety_days_and_what_is_open_never(
    open_in_virtual_time, simulate, letter, days, left
):
    async def live():
        async with open_in_virtual_time(settings=SETTINGS) as spool:
            await spool.write(lambda tx: deliver(tx, letter, 250))
            await spool.write(lambda tx: enqueue(tx, letter("waits")))
            await spool.write(lambda tx: remember(tx, "s", "k", b"d" * 32, 200, b"{}"))
            await asyncio.sleep(days * DAY_SECONDS)
            return await spool.read(counts)

    assert simulate(live()) == left


def test_no_write_of_a_purge_touches_more_than_a_slice(open_in_virtual_time, simulate, letter):
    async def live():
        async with open_in_virtual_time(settings=SpoolSettings(upkeep_seconds=1e9)) as spool:
            await spool.write(lambda tx: deliver(tx, letter, 250))
            await asyncio.sleep(8 * DAY_SECONDS)
            return [await spool.write(purge_entries, durable=False) for _ in range(4)]

    assert simulate(live()) == [SLICE, SLICE, 50, 0]


def test_upkeep_goes_on_after_a_disk_that_failed(open_in_virtual_time, simulate, letter, faulty, faulty_disk):
    async def live():
        async with open_in_virtual_time(disk=faulty_disk, settings=SETTINGS) as spool:
            await spool.write(lambda tx: deliver(tx, letter, 3))
            await asyncio.sleep(7 * DAY_SECONDS)
            faulty.failing_syncs, faulty.free_bytes = 2, 0
            await asyncio.sleep(DAY_SECONDS / 2)
            faulty.failing_syncs, faulty.free_bytes = 0, 2**30
            await asyncio.sleep(DAY_SECONDS / 2)
            return await spool.read(counts)

    assert simulate(live())["body"] == 0


def deliver(tx, letter, count):
    for n in range(count):
        enqueue(tx, letter(f"sent {n}"))
    for held in claim(tx, [Quota("eport", "ATM00017", count)])[0].claims:
        acknowledge(tx, held, Delivered("ok"))


def counts(tx):
    tables = ("entry", "body", "history", "answer")
    return {table: tx.one(f"SELECT count(*) FROM {table}")[0] for table in tables}
