"""A window costs what it holds, however many changes the store has, and memory holds one page of it."""

import gc
import hashlib
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from gateway.registry import book, changes
from gateway.registry.body import body, count
from gateway.registry.changes import Place, page
from gateway.registry.layout import Kind, Status, operation_line
from gateway.times import to_ms
from tests.gateway.registry.conftest import SERIES, operation

MIB = 1024 * 1024
PEAK = 50 * MIB


MANY = """
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :number)
INSERT INTO registry_change
SELECT :first_ms + CAST(n * :step_ms AS INTEGER), printf('payment-%08d', n), 1, 150001, 4500,
       CAST(replace(:line, '0000001;', printf('%07d;', n)) AS BLOB)
FROM numbers
"""


def many(tx, first_ms: int, last_ms: int, number: int) -> None:
    """`number` operations, each with one change between the two instants."""
    line = operation_line(operation(1, Status.ACCEPTED), Kind.TECH).decode()
    step_ms = (last_ms - first_ms) / number
    tx.execute(MANY, {"first_ms": first_ms, "number": number, "step_ms": step_ms, "line": line})


def resident(peak: str) -> int:
    """Bytes of this process, VmRSS or VmHWM of proc(5)."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(peak)]
    return int(line.split()[1]) * 1024


def begin_counting() -> int:
    """Forget the peak so far; what is resident now."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return resident("VmRSS")


async def only_window(store):
    await store.write(lambda tx: book.close_due(tx, SERIES[0], until=tx.now))
    return (await store.read(book.unsealed))[-1]


@pytest.mark.parametrize("table", ["registry_change AS this", "registry_change AS later"])
def test_a_page_is_found_by_an_index_and_nothing_is_sorted(simulate, open_store, table) -> None:
    async def main() -> None:
        async with await open_store() as spool:
            bindings = {"changed_ms": 0, "subject": "", "n": 0, "to_ms": 1, "limit": 10}
            plan = await spool.read(
                lambda tx: [row[3] for row in tx.execute(f"EXPLAIN QUERY PLAN {changes._PAGE}", bindings)]
            )
            name = table.split()[-1]
            (step,) = [line for line in plan if f" {name} " in f"{line} "]
            assert step.startswith("SEARCH")
            assert not [line for line in plan if "SCAN" in line or "TEMP B-TREE" in line]

    simulate(main())


def test_a_window_reads_its_own_pages_only(simulate, open_store, wall) -> None:
    async def main() -> None:
        async with await open_store() as spool:
            await spool.write(lambda tx: book.begin(tx, SERIES[0]))
            now = wall()
            await spool.write(
                lambda tx: many(
                    tx, to_ms(now - timedelta(hours=50)), to_ms(now + timedelta(hours=50)), 20_000
                )
            )
            wall.stepped = timedelta(minutes=25)
            registry = await only_window(spool)
            first = Place(to_ms(registry.header.opens_at))
            found = await spool.read(lambda tx: page(tx, first, to_ms=to_ms(registry.header.closes_at)))
            assert len(found) == 200
            assert (await count(spool, registry)).totals.count == 200

    simulate(main())


def test_a_lines_order_is_that_of_its_changes_across_pages(simulate, open_store, wall) -> None:
    async def main() -> None:
        async with await open_store() as spool:
            await spool.write(lambda tx: book.begin(tx, SERIES[0]))
            at = to_ms(wall())
            lines = list(range(5_001))
            Random(1).shuffle(lines)  # all at one instant: the page's place must tell them apart
            await spool.write(
                lambda tx: [
                    tx.execute(
                        "INSERT INTO registry_change VALUES (?, ?, 1, 1, 0, ?)", (at, f"p{n}", b"%d\r\n" % n)
                    )
                    for n in lines
                ]
            )
            wall.stepped = timedelta(minutes=25)
            registry = await only_window(spool)
            assert (await count(spool, registry)).totals.count == 5_001

    simulate(main())


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_window_of_a_million_lines_is_built_and_sent_in_little_memory(simulate, open_store, wall) -> None:
    async def main() -> None:
        async with await open_store() as spool:
            await spool.write(lambda tx: book.begin(tx, SERIES[0]))
            at = to_ms(wall())
            await spool.write(lambda tx: many(tx, at, at + 1_000_000, 1_000_000))
            wall.stepped = timedelta(minutes=25)
            registry = await only_window(spool)
            idle = begin_counting()
            found = await count(spool, registry)
            await spool.write(lambda tx: book.seal(tx, registry, found))
            registry = await spool.read(lambda tx: book.load(tx, registry.header.registry_id))
            digest = hashlib.sha256()
            async for piece in body(spool, registry):
                digest.update(piece)
            assert found.totals.count == 1_000_000
            assert digest.hexdigest() == found.sha256
            assert resident("VmHWM") - idle < PEAK

    simulate(main())
