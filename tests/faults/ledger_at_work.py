"""A small bank on a spool: work that knows at every moment what it was told is durable.

Every transaction moves money between two accounts, gives it a number, enqueues a letter about it and remembers an
answer; some letters are claimed and acknowledged. So a half of anything shows in the books.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from spool import (
    CommitFailed,
    Disk,
    Migrations,
    NewEntry,
    Spool,
    SpoolSettings,
    Transaction,
    enqueue,
    last_number,
    next_number,
    recall,
    remember,
)
from spool.agenda import Quota
from spool.lease import Claim, acknowledge, claim
from spool.verdicts import Delivered

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ACCOUNTS = 4
LANE = Quota("eport", "ATM00017", at_most=4)
_TABLES = """
CREATE TABLE account (id INTEGER PRIMARY KEY, tiyn INTEGER NOT NULL) STRICT;
CREATE TABLE transfer (number INTEGER PRIMARY KEY, debit INTEGER NOT NULL, credit INTEGER NOT NULL, tiyn INTEGER NOT NULL) STRICT;
"""
_BODILESS = """
SELECT key FROM entry WHERE state <> 'delivered' AND NOT EXISTS (SELECT 1 FROM body WHERE entry_id = id)
"""
_UNEQUAL = """
SELECT id, account.tiyn FROM account
 WHERE account.tiyn <> (SELECT coalesce(sum(CASE WHEN credit = id THEN transfer.tiyn ELSE -transfer.tiyn END), 0)
                          FROM transfer WHERE id IN (debit, credit))
"""


@dataclass
class Told:
    """Facts that a returned `write` made certain, each with the number of disk calls before it."""

    transfers: list[tuple[int, int]] = field(default_factory=list)  # calls, number
    delivered: list[tuple[int, str]] = field(default_factory=list)  # calls, key
    refused: int = 0  # writes that failed: they may be there or not


@asynccontextmanager
async def opened(folder: Path, room: Path, disk: Disk | None = None) -> AsyncIterator[Spool]:
    (room / "0001_accounts.sql").write_text(_TABLES)
    spool = await Spool.open(
        folder / "gateway.db",
        rooms=[Migrations("bank", room)],
        now=lambda: NOW,
        random=Random(7),
        threaded=False,
        settings=SpoolSettings(reserve_bytes=4096, log_bytes=64 * 1024),
        disk=disk,
    )
    try:
        yield spool
    finally:
        await spool.close()


async def work(spool: Spool, told: Told, *, seed: int, rounds: int, calls: Callable[[], int]) -> None:
    """Rounds of one to five writes at once, with checkpoints as often as a long day has them."""
    dice = Random(seed)
    for _ in range(rounds):
        spool._committer._checkpoint_at = 40
        held = await _claim(spool) if dice.random() < 0.5 else []
        writes = [_transfer(spool, told, dice, calls) for _ in range(dice.randint(1, 5))]
        writes += [_deliver(spool, told, letter, calls) for letter in held]
        for outcome in await asyncio.gather(*writes, return_exceptions=True):
            if isinstance(outcome, CommitFailed):
                told.refused += 1
            elif outcome is not None:
                raise outcome


async def _transfer(spool: Spool, told: Told, dice: Random, calls: Callable[[], int]) -> None:
    debit, credit = dice.sample(range(ACCOUNTS), 2)
    tiyn, length, fails = dice.randint(1, 10**6), dice.randint(0, 6000), dice.random() < 0.1

    def move(tx: Transaction) -> int:
        number = next_number(tx, "transfer")
        for account, change in ((debit, -tiyn), (credit, tiyn)):
            tx.execute(
                "INSERT INTO account VALUES (:id, :tiyn) ON CONFLICT (id) DO UPDATE SET tiyn = account.tiyn + :tiyn",
                {"id": account, "tiyn": change},
            )
        if fails:
            raise LookupError(
                "a function's own error: its savepoint undoes the debit, the credit and the number"
            )
        tx.execute(
            "INSERT INTO transfer VALUES (:number, :debit, :credit, :tiyn)",
            {"number": number, "debit": debit, "credit": credit, "tiyn": tiyn},
        )
        enqueue(tx, NewEntry("letter", LANE.destination, LANE.lane, f"transfer {number}", bytes(length)))
        remember(tx, "transfer", str(number), b"digest", 200, b"moved %d" % tiyn)
        return number

    try:
        number = await spool.write(move)
    except LookupError:
        return
    told.transfers.append((calls(), number))


async def _claim(spool: Spool) -> list[Claim]:
    """Some of what is due: a commit of its own that nobody syncs, so that the next sync has it behind it."""
    with suppress(CommitFailed):
        (taken,) = await spool.write(lambda tx: claim(tx, [LANE]), durable=False)
        return taken.claims
    return []


async def _deliver(spool: Spool, told: Told, held: Claim, calls: Callable[[], int]) -> None:
    await spool.write(lambda tx: acknowledge(tx, held, Delivered("taken")))
    told.delivered.append((calls(), held.entry.key))


async def contradictions(spool: Spool, told: Told, *, calls: int) -> list[str]:
    """What in the books contradicts itself, or what was told before so many calls."""
    found = [] if (health := await spool.check()) == "ok" else [f"integrity: {health}"]
    found += await spool.read(lambda tx: list(_contradictions(tx, told, calls)))
    following = await spool.write(lambda tx: next_number(tx, "transfer"))
    if any(number >= following for at, number in told.transfers if at <= calls):
        found.append(f"number {following} was given before")
    return found


def _contradictions(tx: Transaction, told: Told, calls: int) -> Iterator[str]:
    numbers = {row[0]: row[1] for row in tx.execute("SELECT number, tiyn FROM transfer")}
    states = dict(tx.execute("SELECT key, state FROM entry"))
    yield from _broken_promises(told, calls, set(numbers), states)
    if sorted(numbers) != list(range(1, (last_number(tx, "transfer") or 0) + 1)):
        yield "the numbers have gaps"
    if set(states) != {f"transfer {number}" for number in numbers}:
        yield "there are letters without a transfer, or transfers without a letter"
    for number, tiyn in numbers.items():
        stored = recall(tx, "transfer", str(number), b"digest")
        if stored is None or stored.body != b"moved %d" % tiyn:
            yield f"the answer about transfer {number} is {stored}"
    if bodiless := list(tx.execute(_BODILESS)):
        yield f"{bodiless} are still to be sent and have no body"
    if unequal := list(tx.execute(_UNEQUAL)):
        yield f"these accounts do not hold what the transfers say: {unequal}"


def _broken_promises(told: Told, calls: int, numbers: set[int], states: Mapping[str, str]) -> Iterator[str]:
    for at, number in told.transfers:
        if at <= calls and number not in numbers:
            yield f"transfer {number} was told to be durable, and is gone"
    for at, key in told.delivered:
        if at <= calls and states.get(key) != "delivered":
            yield f"{key} was delivered, and is {states.get(key)}"
