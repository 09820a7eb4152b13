"""What is refused at the door, and that nothing was changed then."""

import sqlite3
import threading

import pytest

from spool import (
    KeyFileError,
    LocalDisk,
    MigrationChanged,
    Migrations,
    SpoolSettings,
    StoreError,
    StoreTooNew,
    StoreUnsafe,
    enqueue,
)


@pytest.fixture
def room(tmp_path):
    """A room's migrations in a folder that a test may edit."""
    folder = tmp_path / "schema"
    folder.mkdir()
    (folder / "0001_payment.sql").write_text("CREATE TABLE payment (id TEXT PRIMARY KEY) STRICT;")
    return Migrations("gateway", folder)


async def test_each_rooms_migrations_are_applied_once_and_in_order(open_spool, room):
    (room.folder / "0002_more.sql").write_text(
        "ALTER TABLE payment ADD COLUMN sum INTEGER; INSERT INTO payment VALUES ('a', 1);"
    )
    for _ in range(2):
        spool = await open_spool(rooms=[room])
        found = await spool.read(lambda tx: list(tx.execute("SELECT * FROM payment")))
        assert found == [("a", 1)]
        await spool.close()


async def test_a_store_of_yesterday_is_brought_up_to_date_without_losing_a_row(open_spool, room, letter):
    spool = await open_spool(rooms=[room])
    await spool.write(lambda tx: tx.execute("INSERT INTO payment VALUES ('old')"))
    await spool.write(lambda tx: enqueue(tx, letter("waits")))
    await spool.close()
    (room.folder / "0002_more.sql").write_text(
        "ALTER TABLE payment ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
    )
    spool = await open_spool(rooms=[room])
    assert await spool.read(lambda tx: tx.one("SELECT * FROM payment")) == ("old", 0)
    assert await spool.read(lambda tx: tx.one("SELECT key FROM entry")) == ("waits",)


async def test_a_store_of_a_newer_version_is_refused_and_left_alone(open_spool, room):
    newer = room.folder / "0002_newer.sql"
    newer.write_text("CREATE TABLE newer (n INTEGER);")
    await (await open_spool(rooms=[room])).close()
    newer.unlink()
    with pytest.raises(StoreTooNew, match="0002_newer"):
        await open_spool(rooms=[room])
    newer.write_text("CREATE TABLE newer (n INTEGER);")
    assert (await open_spool(rooms=[room])).epoch == 2


async def test_an_edited_migration_is_refused_by_name(open_spool, room):
    await (await open_spool(rooms=[room])).close()
    (room.folder / "0001_payment.sql").write_text("CREATE TABLE payment (id INTEGER PRIMARY KEY) STRICT;")
    with pytest.raises(MigrationChanged, match="gateway migration 0001_payment"):
        await open_spool(rooms=[room])


@pytest.mark.parametrize(
    "bad", ["CREATE TABLE broken (;", "INSERT INTO nowhere VALUES (1);", "CREATE TABLE half (n); COMMIT;"]
)
async def test_a_migration_that_fails_leaves_the_store_as_it_was(open_spool, room, bad):
    await (await open_spool(rooms=[room])).close()
    broken = room.folder / "0002_broken.sql"
    broken.write_text(f"INSERT INTO payment VALUES ('half done'); {bad}")
    with pytest.raises(StoreError):
        await open_spool(rooms=[room])
    broken.write_text("INSERT INTO payment VALUES ('whole');")
    spool = await open_spool(rooms=[room])
    assert await spool.read(lambda tx: list(tx.execute("SELECT id FROM payment"))) == [("whole",)]


async def test_a_gap_in_the_numbers_is_refused(open_spool, room):
    (room.folder / "0003_gap.sql").write_text("SELECT 1;")
    with pytest.raises(StoreUnsafe, match="0002_ was expected"):
        await open_spool(rooms=[room])


async def test_a_store_opens_without_the_rooms_that_others_brought(open_spool, room):
    await (await open_spool(rooms=[room])).close()
    assert (await open_spool()).epoch == 2


async def test_the_same_content_has_the_same_digest_in_every_life(open_spool):
    spool = await open_spool()
    first = spool.digest(b"content")
    await spool.close()
    spool = await open_spool()
    assert spool.digest(b"content") == first
    assert spool.digest(b"other") != first


async def test_a_store_without_its_key_file_is_refused(open_spool):
    spool = await open_spool()
    await spool.close()
    key_file = spool.path.with_name("gateway.db.key")
    key = key_file.read_bytes()
    key_file.unlink()
    with pytest.raises(KeyFileError, match="is missing"):
        await open_spool()
    assert not key_file.exists()
    key_file.write_bytes(bytes(32))
    key_file.chmod(0o600)
    with pytest.raises(KeyFileError, match="not this store's key"):
        await open_spool()
    key_file.write_bytes(key)
    assert (await open_spool()).epoch == 2


async def test_a_key_file_that_others_may_read_is_refused(open_spool):
    spool = await open_spool()
    await spool.close()
    spool.path.with_name("gateway.db.key").chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        await open_spool()


async def test_sqlite_keeps_what_was_asked_of_it(spool):
    assert await spool.read(lambda tx: tx.one("PRAGMA journal_mode")) == ("wal",)
    assert await spool.write(lambda tx: tx.one("PRAGMA synchronous")) == (2,)
    assert await spool.write(lambda tx: tx.one("PRAGMA foreign_keys")) == (1,)


async def test_a_disk_that_cannot_have_synced_is_reported_and_still_used(open_spool, faulty_disk, letter):
    class Hasty(type(faulty_disk)):
        def sync_seconds(self, path):
            return 1e-6

    spool = await open_spool(disk=Hasty(faulty_disk.faulty))
    assert spool.sync_is_implausible
    assert (await spool.health()).sync_is_implausible
    assert await spool.write(lambda tx: enqueue(tx, letter("a"))) == 1


async def test_a_copy_is_one_file_that_another_program_may_open(spool, letter, tmp_path):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    copy = tmp_path / "copy.db"
    await spool.snapshot(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT key FROM entry").fetchall() == [("a",)]
    connection.close()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("copy")) == ["copy.db"]


async def test_a_copy_never_replaces_a_file(spool, tmp_path):
    there = tmp_path / "there.db"
    there.write_text("mine")
    with pytest.raises(Exception, match="exists already"):
        await spool.snapshot(there)
    assert there.read_text() == "mine"


async def test_a_store_restored_from_a_copy_knows_of_when_it_was(open_spool, clock, tmp_path):
    spool = await open_spool()
    assert spool.restored_at is None
    taken = clock()
    await spool.snapshot(tmp_path / "copy.db")
    clock.advance(days=1)
    await spool.close()
    for leftover in tmp_path.glob("gateway.db-*"):
        leftover.unlink()
    (tmp_path / "copy.db").replace(spool.path)
    for _ in range(2):
        spool = await open_spool()
        assert spool.restored_at == taken
        await spool.close()


async def test_a_whole_store_checks_as_ok_while_the_writer_is_busy(spool, letter):
    begun, go_on = threading.Event(), threading.Event()

    def holds(tx):
        enqueue(tx, letter("a"))
        begun.set()
        assert go_on.wait(30)

    spool.write_later(holds)
    assert await spool.check() == "ok"
    go_on.set()


async def test_a_store_opens_on_a_full_disk_by_giving_up_its_reserve(open_spool, faulty, faulty_disk):
    settings = SpoolSettings(reserve_bytes=1024 * 1024)
    spool = await open_spool(disk=faulty_disk, settings=settings)
    await spool.close()
    faulty.free_bytes = 0
    spool = await open_spool(disk=faulty_disk, settings=settings)
    assert spool.disk_full
    assert spool.epoch == 2


async def test_the_logs_room_is_made_at_the_start_and_covers_nothing(open_spool, letter, tmp_path):
    spool = await open_spool(settings=SpoolSettings(reserve_bytes=4096, log_bytes=500_000))
    log = tmp_path / "gateway.db-wal"
    assert log.stat().st_size == 500_000
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    assert log.stat().st_size == 500_000
    before = log.read_bytes()
    for size, added in ((100, 0), (600_000, 100_000)):
        LocalDisk().lengthen(log, size)
        assert log.read_bytes() == before + bytes(added)
    assert await spool.check() == "ok"
