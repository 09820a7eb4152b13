"""A terminal forgets journeys that have ended and what it has told; nothing that goes on, nothing untold."""

from datetime import timedelta
from random import Random

import pytest

from agent.migrations import ROOMS
from agent.retention import kept_by_terminal
from gateway.retention import Retention
from gateway.settings import RetentionSection
from spool import Spool

JOURNEY = """
INSERT INTO card_journey (journey_id, state, started_ms, changed_ms, record)
VALUES (:id, :state, :at, :at, '{}')
"""


@pytest.fixture
async def store(tmp_path, clock):
    rooms = ROOMS
    async with await Spool.open(tmp_path / "agent.db", rooms=rooms, now=clock, random=Random(1)) as opened:
        yield opened


async def test_a_sale_that_has_ended_goes_and_one_that_is_still_shown_stays(store, clock) -> None:
    old = int((clock() - timedelta(days=9)).timestamp() * 1000)
    for sale_id, state in (("s1", "CLOSED"), ("s2", "SHOWING")):
        await store.write(
            lambda tx, bound=(sale_id, state, old): tx.execute(
                "INSERT INTO sale (sale_id, state, changed_ms, record) VALUES (?, ?, ?, '{}')", bound
            )
        )
    assert await Retention(store, kept_by_terminal(RetentionSection(receipts_days=5))).once() == 1
    assert await store.read(lambda tx: list(tx.execute("SELECT sale_id FROM sale"))) == [("s2",)]


async def test_what_has_ended_goes_and_what_goes_on_stays(store, clock) -> None:
    old = int((clock() - timedelta(days=9)).timestamp() * 1000)
    journeys = [("j1", "ABANDONED", old), ("j2", "STARTED", old), ("j3", "ABANDONED", old + 9 * 86_400_000)]
    for journey_id, state, at in journeys:
        bound = {"id": journey_id, "state": state, "at": at}
        await store.write(lambda tx, bound=bound: tx.execute(JOURNEY, bound))
    for number in (1, 2):
        await store.write(
            lambda tx, n=number: tx.execute("INSERT INTO journal VALUES (?, ?, 'x', '{}')", (n, old))
        )
    await store.write(lambda tx: tx.execute("UPDATE journal_handed SET up_to = 1"))
    retention = Retention(store, kept_by_terminal(RetentionSection(receipts_days=5, journal_days=5)))
    assert await retention.once() == 2
    left = await store.read(lambda tx: list(tx.execute("SELECT journey_id FROM card_journey ORDER BY 1")))
    assert left == [("j2",), ("j3",)]
    assert await store.read(lambda tx: list(tx.execute("SELECT number FROM journal"))) == [(2,)]
    told = [item async for item in retention.commands()["retention"]({})]
    assert [(item["kind"], item["rows"]) for item in told] == [("journal", 1), ("receipts", 1)]
