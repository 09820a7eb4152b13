"""A look says whether a store would open, and leaves every byte of its folder."""

import shutil
import sqlite3

import pytest

from spool import (
    KeyFileError,
    MigrationChanged,
    Migrations,
    StoreBusy,
    StoreTooNew,
    StoreUnsafe,
    enqueue,
    look,
)


@pytest.fixture
def room(tmp_path):
    """A room's migrations in a folder that a test may edit."""
    folder = tmp_path / "schema"
    folder.mkdir()
    (folder / "0001_payment.sql").write_text("CREATE TABLE payment (id TEXT PRIMARY KEY) STRICT;")
    (folder / "0002_more.sql").write_text("CREATE TABLE more (n INTEGER) STRICT;")
    return Migrations("gateway", folder)


@pytest.fixture(params=["closed", "died"])
async def left(request, open_spool, room, letter, tmp_path):
    """A store whose process closed it, or died with everything still in its log."""
    folder = tmp_path / "left"
    spool = await open_spool(rooms=[room])
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    if request.param == "closed":
        await spool.close()
    folder.mkdir()
    for file in tmp_path.glob("gateway.db*"):
        shutil.copy2(file, folder)
    return folder / "gateway.db"


def newer(room, path):
    (room.folder / "0002_more.sql").unlink()


def changed(room, path):
    (room.folder / "0001_payment.sql").write_text("CREATE TABLE payment (id INTEGER PRIMARY KEY) STRICT;")


def garbage(room, path):
    for file in (path, *path.parent.glob("*-wal")):  # a log alone would hold the whole store
        file.write_bytes(b"this is not a store" * 1000)


def of_another_program(room, path):
    for file in path.parent.iterdir():
        file.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (n)")
    connection.close()


def without_its_key(room, path):
    path.with_name("gateway.db.key").unlink()


def with_an_open_key(room, path):
    path.with_name("gateway.db.key").chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "refused"),
    [
        (newer, StoreTooNew),
        (changed, MigrationChanged),
        (garbage, StoreUnsafe),
        (of_another_program, StoreUnsafe),
        (without_its_key, KeyFileError),
        (with_an_open_key, KeyFileError),
    ],
)
async def test_what_is_refused_is_named_and_left_byte_for_byte(
    left, room, contents, open_spool, spoil, refused
):
    spoil(room, left)
    before = contents(left.parent)
    with pytest.raises(refused, match=str(left)):
        look(left, rooms=[room])
    with pytest.raises(refused, match=str(left)):
        await open_spool(path=left, rooms=[room])
    assert contents(left.parent) == before


async def test_a_damaged_page_is_found_before_anything_is_written(open_spool, contents, letter, tmp_path):
    spool = await open_spool()
    await spool.write(lambda tx: [enqueue(tx, letter(f"key {n}")) for n in range(200)])
    await spool.close()
    pages = bytearray(spool.path.read_bytes())
    page = pages.index(b"key 150") // 4096 * 4096
    pages[page : page + 4096] = bytes(4096)
    spool.path.write_bytes(pages)
    before = contents(tmp_path)
    with pytest.raises(StoreUnsafe, match=r"gateway\.db is damaged"):
        await open_spool()
    assert contents(tmp_path) == before


async def test_a_store_that_would_open_is_left_byte_for_byte(left, room, contents, open_spool):
    before = contents(left.parent)
    look(left, rooms=[room])
    assert contents(left.parent) == before
    assert (await open_spool(path=left, rooms=[room])).epoch == 2


async def test_a_store_of_yesterday_would_open(left, room, contents):
    (room.folder / "0003_new.sql").write_text("CREATE TABLE new (n INTEGER) STRICT;")
    before = contents(left.parent)
    look(left, rooms=[room])
    assert contents(left.parent) == before


async def test_a_store_in_use_is_busy_for_a_look_too(open_spool, contents, tmp_path):
    spool = await open_spool()
    before = contents(tmp_path)
    with pytest.raises(StoreBusy, match=str(spool.path)):
        look(spool.path, rooms=[])
    assert contents(tmp_path) == before


def test_a_store_that_is_not_there_would_be_made_and_is_not(tmp_path):
    look(tmp_path / "nowhere" / "gateway.db", rooms=[])
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_a_store_that_was_never_begun(tmp_path):
    path = tmp_path / "gateway.db"
    path.touch()
    look(path, rooms=[])
    assert [file.name for file in tmp_path.iterdir()] == ["gateway.db"]
