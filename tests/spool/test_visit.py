"""A command at a store whose owner does not run: what it reads, and how little it changes."""

import shutil

import pytest

from spool import (
    Migrations,
    NotForAPerson,
    SpoolSettings,
    StoreBusy,
    StoreTooOld,
    Visit,
    enqueue,
    entries_in,
    retry_by_person,
    show,
)
from spool.agenda import Quota
from spool.entry_states import State
from spool.lease import claim


@pytest.fixture
async def died(open_spool, letter, tmp_path):
    """The path of a store whose process died with `a` in flight, and with `b` due later."""
    spool = await open_spool()
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    await spool.write(lambda tx: claim(tx, [Quota("eport", "ATM00017", 1)]))
    await spool.write(lambda tx: enqueue(tx, letter("b")))
    folder = tmp_path / "died"
    folder.mkdir()
    for file in tmp_path.glob("gateway.db*"):
        shutil.copy2(file, folder)
    return folder / "gateway.db"


@pytest.fixture
def visit(died, clock):
    return Visit(died, rooms=[], now=clock)


async def test_who_only_reads_changes_no_byte(visit, died, contents):
    before = contents(died.parent)
    listed = await visit.read(lambda tx: [*entries_in(tx, State.CLAIMED), *entries_in(tx, State.READY)])
    health = await visit.health()
    assert [entry.key for entry in listed] == ["a", "b"]
    assert [(line.claimed, line.ready) for line in health.destinations] == [(1, 1)]
    assert (health.epoch, health.disk_full) == (1, False)
    assert await visit.check() == "ok"
    assert contents(died.parent) == before


async def test_a_reader_cannot_write(visit, died, contents):
    before = contents(died.parent)
    with pytest.raises(Exception, match=r"readonly|cannot"):
        await visit.read(lambda tx: tx.execute("DELETE FROM history"))
    assert contents(died.parent) == before


async def test_a_decision_changes_its_entry_and_nothing_else(visit, open_spool, died):
    def rows(tx):
        return list(tx.execute("SELECT * FROM store")), tx.one("SELECT * FROM entry WHERE key = 'a'")

    before = await visit.read(rows)
    await visit.write(lambda tx: retry_by_person(tx, 2, person="Aigul", reason="the line is back"))
    assert await visit.read(rows) == before
    assert (await visit.read(lambda tx: show(tx, 2))).history[-1].person == "Aigul"
    spool = await open_spool(path=died)
    assert spool.epoch == 2


async def test_a_decision_that_is_refused_changes_nothing(visit):
    with pytest.raises(NotForAPerson):
        await visit.write(lambda tx: retry_by_person(tx, 1, person="Aigul", reason="in flight"))
    assert (await visit.read(lambda tx: show(tx, 1))).listed.state == State.CLAIMED


async def test_what_a_write_wants_done_after_its_commit_is_done(visit):
    done = []
    await visit.write(lambda tx: tx.after_commit(lambda: done.append("told")))
    assert done == ["told"]


async def test_an_owner_keeps_visitors_out_of_his_store(visit, open_spool, died, contents):
    await open_spool(path=died)
    before = contents(died.parent)
    with pytest.raises(StoreBusy):
        await visit.read(lambda tx: tx.one("SELECT 1"))
    with pytest.raises(StoreBusy):
        await visit.write(lambda tx: tx.one("SELECT 1"))
    assert contents(died.parent) == before


async def test_a_store_of_yesterday_is_not_brought_up_to_date_by_a_visit(died, clock, contents, tmp_path):
    folder = tmp_path / "schema"
    folder.mkdir()
    (folder / "0001_payment.sql").write_text("CREATE TABLE payment (id TEXT PRIMARY KEY) STRICT;")
    visit = Visit(died, rooms=[Migrations("gateway", folder)], now=clock)
    before = contents(died.parent)
    with pytest.raises(StoreTooOld, match="start its process once"):
        await visit.read(lambda tx: tx.one("SELECT 1"))
    assert contents(died.parent) == before


async def test_a_copy_is_taken_of_what_only_the_log_holds(visit, died, open_spool, contents, tmp_path):
    before = contents(died.parent)
    copy = tmp_path / "copy.db"
    await visit.snapshot(copy)
    assert contents(died.parent) == before
    shutil.copy2(died.with_name("gateway.db.key"), tmp_path / "copy.db.key")
    restored = await open_spool(path=copy, settings=SpoolSettings(reserve_bytes=4096))
    assert restored.restored_at is not None
    assert [entry.key for entry in await restored.read(lambda tx: entries_in(tx, State.CLAIMED))] == ["a"]
