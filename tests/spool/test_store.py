import asyncio
import threading
from datetime import timedelta

import pytest

from spool import (
    CommitFailed,
    SpoolSettings,
    StoreClosed,
    StoreOverloaded,
    StoreUnsafe,
    enqueue,
    next_number,
)


async def test_what_one_function_raises_undoes_only_its_own_work(spool, letter):
    def fails(tx):
        enqueue(tx, letter("b"))
        raise LookupError("on purpose")

    results = await asyncio.gather(
        spool.write(lambda tx: enqueue(tx, letter("a"))),
        spool.write(fails),
        spool.write(lambda tx: enqueue(tx, letter("c"))),
        return_exceptions=True,
    )
    assert isinstance(results[1], LookupError)
    assert await keys(spool) == ["a", "c"]


async def test_a_lone_function_that_raises_leaves_nothing(spool, letter):
    def fails(tx):
        enqueue(tx, letter("b"))
        raise LookupError("on purpose")

    with pytest.raises(LookupError):
        await spool.write(fails)
    assert await keys(spool) == []


async def test_many_writers_share_a_sync(open_spool, faulty, faulty_disk, letter):
    spool = await open_spool(disk=faulty_disk, threaded=False)
    before = faulty.syncs["wal"]
    await asyncio.gather(*(spool.write(lambda tx, n=n: enqueue(tx, letter(f"key {n}"))) for n in range(64)))
    assert faulty.syncs["wal"] - before == 1
    assert len(await keys(spool)) == 64


async def test_every_lone_durable_write_is_synced(open_spool, faulty, faulty_disk, letter):
    spool = await open_spool(disk=faulty_disk)
    before = faulty.syncs["wal"]
    for n in range(10):
        await spool.write(lambda tx, n=n: enqueue(tx, letter(f"key {n}")))
    assert faulty.syncs["wal"] - before >= 10


async def test_writes_that_need_no_durability_are_not_synced_and_do_not_weaken_one_that_does(
    open_spool, faulty, faulty_disk, letter
):
    spool = await open_spool(disk=faulty_disk, threaded=False)
    await spool.write(make_note_table)
    before = faulty.syncs["wal"]
    await spool.write(note, durable=False)
    assert faulty.syncs["wal"] == before
    await asyncio.gather(
        spool.write(note, durable=False),
        spool.write(lambda tx: enqueue(tx, letter("a"))),
        spool.write(note, durable=False),
    )
    assert faulty.syncs["wal"] == before + 1
    await spool.write(lambda tx: enqueue(tx, letter("b")))
    assert faulty.syncs["wal"] == before + 2


async def test_writes_are_made_in_the_order_they_were_asked_for(spool):
    await spool.write(make_note_table)
    numbers = await asyncio.gather(*(spool.write(lambda tx: next_number(tx, "n")) for _ in range(700)))
    assert numbers == list(range(1, 701))


async def test_a_cancelled_caller_no_longer_waits_but_its_write_happens(spool, letter):
    holding = Held()
    first = asyncio.create_task(spool.write(holding))
    await asyncio.to_thread(holding.begun.wait)
    second = asyncio.create_task(spool.write(lambda tx: enqueue(tx, letter("a"))))
    await asyncio.sleep(0)
    second.cancel()
    holding.go_on.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    await spool.write(nothing)
    assert await keys(spool) == ["a"]


async def test_a_read_does_not_wait_for_the_writer_and_sees_only_what_is_committed(spool, letter):
    holding = Held(lambda tx: enqueue(tx, letter("a")))
    writing = asyncio.create_task(spool.write(holding))
    await asyncio.to_thread(holding.begun.wait)
    assert await keys(spool) == []
    holding.go_on.set()
    await writing
    assert await keys(spool) == ["a"]


async def test_a_read_cannot_write(spool):
    with pytest.raises(Exception, match="readonly"):
        await spool.read(lambda tx: tx.execute("UPDATE store SET epoch = 99"))


async def test_callbacks_come_on_the_loop_once_the_commit_is_there_and_only_then(spool, letter):
    told = []

    def writes(tx):
        enqueue(tx, letter("a"))
        tx.after_commit(lambda: told.append(threading.current_thread()))

    def fails(tx):
        writes(tx)
        raise LookupError("on purpose")

    with pytest.raises(LookupError):
        await spool.write(fails)
    assert told == []
    await spool.write(writes)
    assert told == [threading.main_thread()]


async def test_a_callback_that_raises_harms_nobody(spool, letter, caplog):
    def writes(tx):
        tx.after_commit(lambda: 1 / 0)
        return enqueue(tx, letter("a"))

    assert await spool.write(writes) == 1
    assert "spool.after_commit_failed" in caplog.messages


async def test_no_function_of_a_threaded_store_runs_on_the_loops_thread(spool):
    ran_on = {
        await spool.write(this_thread),
        await spool.read(this_thread),
    }
    assert threading.main_thread() not in ran_on


async def test_too_many_waiting_writes_are_refused(open_spool):
    spool = await open_spool(settings=SpoolSettings(reserve_bytes=4096, waiting_writes=3))
    holding = Held()
    first = asyncio.create_task(spool.write(holding))
    await asyncio.to_thread(holding.begun.wait)
    waiting = [asyncio.create_task(spool.write(nothing)) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(StoreOverloaded):
        await waiting[3]
    holding.go_on.set()
    await asyncio.gather(first, *waiting[:3])


@pytest.mark.parametrize("threaded", [True, False])
async def test_closing_commits_what_was_asked_for_and_refuses_what_comes_after(open_spool, letter, threaded):
    spool = await open_spool(threaded=threaded)
    writing = [
        asyncio.create_task(spool.write(lambda tx, n=n: enqueue(tx, letter(str(n))))) for n in range(300)
    ]
    await asyncio.sleep(0)
    await spool.close()
    await asyncio.gather(*writing)
    with pytest.raises(StoreClosed):
        await spool.write(nothing)
    assert len(await keys(await open_spool())) == 300


async def test_a_function_that_ends_the_shared_transaction_is_an_error(spool, letter):
    results = await asyncio.gather(
        spool.write(lambda tx: enqueue(tx, letter("a"))),
        spool.write(lambda tx: tx.execute("ROLLBACK")),
        return_exceptions=True,
    )
    assert isinstance(results[1], Exception)
    assert await spool.write(lambda tx: enqueue(tx, letter("b"))) > 0
    assert "b" in await keys(spool)


async def test_a_function_that_wants_to_end_the_process_ends_nothing(spool, letter):
    def ends(_tx):
        raise SystemExit(3)

    with pytest.raises(CommitFailed):
        await spool.write(ends)
    assert await spool.write(lambda tx: enqueue(tx, letter("a"))) == 1


async def test_a_long_log_is_moved_into_the_file_and_started_anew(open_spool, faulty, faulty_disk, letter):
    spool = await open_spool(disk=faulty_disk)
    log = spool.path.with_name("gateway.db-wal")
    for n in range(60):
        await spool.write(lambda tx, n=n: enqueue(tx, letter(str(n), payload=bytes(200_000))))
    assert log.stat().st_size < 8 * 1024 * 1024
    assert faulty.syncs["db"] >= 2


async def test_each_life_has_a_number_of_its_own(open_spool):
    lives = []
    for _ in range(3):
        spool = await open_spool()
        lives.append(spool.epoch)
        await spool.close()
    assert lives == [1, 2, 3]


async def test_what_was_committed_is_there_after_a_restart(open_spool, letter):
    spool = await open_spool()
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    await spool.close()
    assert await keys(await open_spool()) == ["a"]


async def test_nobody_else_may_read_the_files(spool):
    found = {path.name: path.stat().st_mode & 0o777 for path in spool.path.parent.iterdir()}
    assert {"gateway.db", "gateway.db-wal", "gateway.db.key", "gateway.db.lock"} <= found.keys()
    assert set(found.values()) == {0o600}


@pytest.mark.parametrize(
    "content",
    [b"something else that is long enough to be looked at" * 50, b"SQLite format 3\0" + b"\xff" * 4096],
)
async def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(open_spool, tmp_path, content):
    path = tmp_path / "gateway.db"
    path.write_bytes(content)
    with pytest.raises(StoreUnsafe):
        await open_spool()
    assert path.read_bytes() == content


async def test_a_damaged_store_is_refused(open_spool, letter):
    spool = await open_spool()
    for n in range(50):
        await spool.write(lambda tx, n=n: enqueue(tx, letter(f"key {n}")))
    await spool.close()
    content = bytearray(spool.path.read_bytes())
    content[8192 : len(content) : 4096] = b"\xa5" * len(content[8192 : len(content) : 4096])
    spool.path.write_bytes(content)
    with pytest.raises(StoreUnsafe, match="damaged"):
        await open_spool()


async def test_a_folder_that_does_not_exist_is_a_clear_error(open_spool, tmp_path):
    with pytest.raises(Exception, match="its folder must exist"):
        await open_spool(path=tmp_path / "nowhere" / "gateway.db")


async def test_the_wall_clock_is_read_once_for_each_transaction(spool, clock):
    def look(tx):
        first = tx.now
        clock.advance(seconds=5)
        return tx.now - first, tx.now_ms

    elapsed, now_ms = await spool.write(look)
    assert elapsed == timedelta(0)
    assert now_ms == int((clock.time - timedelta(seconds=5)).timestamp() * 1000)


def make_note_table(tx):
    tx.execute("CREATE TABLE note (n INTEGER)")


def note(tx):
    tx.execute("INSERT INTO note VALUES (1)")


def nothing(_tx):
    pass


def this_thread(_tx):
    return threading.current_thread()


async def keys(spool):
    return await spool.read(lambda tx: [row[0] for row in tx.execute("SELECT key FROM entry ORDER BY key")])


class Held:
    """A function that stays in its transaction until it is told to go on."""

    def __init__(self, fn=lambda _tx: None):
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self._fn = fn

    def __call__(self, tx):
        self._fn(tx)
        self.begun.set()
        assert self.go_on.wait(30)
