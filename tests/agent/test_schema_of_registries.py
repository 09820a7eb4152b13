"""The registries' tables are one room of both stores; a store that was made before it was one goes on with its rows."""

import hashlib
from importlib.resources import files
from random import Random

import pytest

from agent.migrations import ROOMS as OF_TERMINAL
from gateway.migrations import REGISTRIES
from gateway.migrations import ROOMS as OF_GATEWAY
from gateway.registry import book
from gateway.registry.changes import Place, page, record
from gateway.registry.layout import Kind
from spool import MigrationChanged, Migrations, Spool
from tests.gateway.registry.conftest import SERIES, operation

NAME = "0003_registries.sql"
ONCE = REGISTRIES.folder / "0001_registries.sql"
# What stood above the tables in each store's own migration, and of what they told.
FORMERLY = {
    "gateway": (
        OF_GATEWAY,
        "-- The registries of this gateway: those that leave it, and those of its terminals (PROTOCOLS §1, §2.5).",
        "an operation",
    ),
    "agent": (
        OF_TERMINAL,
        "-- The terminal's own registries (PROTOCOLS §1). The first three tables are the gateway's, for the same code.",
        "a journey",
    ),
}


def text_of_old(room: str) -> str:
    """The migration as it was: what both stores have now, and then what is each one's own."""
    _, above, told = FORMERLY[room]
    tables = ONCE.read_text("utf-8").partition("\n\n")[2].replace(" IF NOT EXISTS", "")
    own = (files(room) / "schema" / NAME).read_text("utf-8")
    return f"{above}\n\n{tables}\n{own}".replace("tells of an operation", f"tells of {told}")


@pytest.fixture
def old(tmp_path):
    """`old("gateway")`: its rooms as they were."""

    def make(room: str) -> list[Migrations]:
        folder = tmp_path / room
        folder.mkdir()
        for file in (files(room) / "schema").iterdir():
            if file.name < "0004":
                text = text_of_old(room) if file.name == NAME else file.read_text("utf-8")
                (folder / file.name).write_text(text, "utf-8")
        return [Migrations(room, folder)]

    return make


@pytest.fixture
def opened(tmp_path, clock):
    return lambda rooms, name="some.db": Spool.open(tmp_path / name, rooms=rooms, now=clock, random=Random(1))


async def tables(spool) -> dict[str, str]:
    """Name → its definition, without what says how it was made."""
    rows = await spool.read(
        lambda tx: list(tx.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    )
    return {
        name: "\n".join(line.partition("--")[0].rstrip() for line in sql.splitlines()) for name, sql in rows
    }


@pytest.mark.parametrize("room", FORMERLY)
def test_what_a_store_formerly_had_is_what_it_has_now(room) -> None:
    rooms, *_ = FORMERLY[room]
    assert hashlib.sha256(text_of_old(room).encode()).hexdigest() == rooms[-1].formerly[NAME]


@pytest.mark.parametrize("room", FORMERLY)
async def test_a_store_of_the_old_numbering_goes_on_without_losing_a_row(room, old, opened, clock) -> None:
    rooms, *_ = FORMERLY[room]
    async with await opened(old(room)) as spool:
        await spool.write(lambda tx: book.begin(tx, SERIES[0]))
        await spool.write(lambda tx: record(tx, "payment-1", operation(1), Kind.TECH))
        clock.advance(hours=1)
        await spool.write(lambda tx: book.close_due(tx, SERIES[0], until=tx.now))
    for _ in range(2):
        async with await opened(rooms) as spool, await opened(rooms, "new.db") as new:
            assert await tables(spool) == await tables(new)
            changes = await spool.read(lambda tx: page(tx, Place(0), to_ms=tx.now_ms))
            assert [change.place.subject for change in changes] == ["payment-1"]
            assert len(await spool.read(book.unsealed)) == 2
            await spool.write(lambda tx: record(tx, "payment-2", operation(2), Kind.TECH))
            await spool.write(
                lambda tx: tx.execute("DELETE FROM registry_change WHERE subject = 'payment-2'")
            )


async def test_another_content_under_the_name_is_refused_as_before(old, opened) -> None:
    rooms = old("gateway")
    changed = rooms[0].folder / NAME
    changed.write_text(changed.read_text("utf-8") + "CREATE TABLE more (n INTEGER) STRICT;\n", "utf-8")
    await (await opened(rooms)).close()
    with pytest.raises(MigrationChanged, match="0003_registries"):
        await opened(OF_GATEWAY)
