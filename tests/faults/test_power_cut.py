"""The power goes at any call of the disk: what was told to be durable is there, whole, and the books are equal.

One run of work is recorded; then its disk is put together as a cut after each call may have left it, and the store
is opened on that. Controls show that the same eyes see a store that is less careful.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import apsw
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from spool import StoreError
from tests.faults.ledger_at_work import Told, contradictions, opened, work
from tests.faults.platter import Call, Journal, Platter, RecordingDisk

SEEDS = range(8)
CUTS = 250  # of each seed
SOON = 60  # calls: a few commits, and no checkpoint yet that would copy what a failed sync has lost
LONG_SEEDS = range(100, 150)
LONG_CUTS = 2000


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where thousands of stores are made: in memory if there is such a place, since no sync of this machine counts."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None, prefix="tolem-cuts-") as name:
        yield Path(name)


@pytest.fixture
def room(folder: Path) -> Path:
    made = folder / "room"
    made.mkdir()
    return made


class Recorded:
    """One run of work: what the disk was asked, and what the work was told."""

    def __init__(
        self, room: Path, folder: Path, *, seed: int, rounds: int = 40, careless: bool = False
    ) -> None:
        self.room = room
        self.folder = folder
        self.seed = seed
        self.rounds = rounds
        self.careless = careless
        self.journal = Journal()
        self.told = Told()
        self.begun = 0  # so many calls opened the store
        folder.mkdir()

    async def run(self) -> None:
        async with opened(self.folder, self.room, RecordingDisk(self.journal)) as spool:
            self.begun = len(self.journal.calls)
            if self.careless:
                spool._committer._set_synchronous(on=False)
                spool._committer._set_synchronous = lambda **_on: None
            await work(
                spool, self.told, seed=self.seed, rounds=self.rounds, calls=lambda: len(self.journal.calls)
            )

    def cuts(self, count: int, soon_after: int | None) -> Iterator[tuple[int, dict[str, bytes]]]:
        """So many moments, over the run or soon after one call, each with one thing that a cut may leave."""
        platter, dice = Platter(Random(self.seed)), Random(self.seed)
        calls = range(len(self.journal.calls))
        among = calls if soon_after is None else calls[soon_after : soon_after + SOON]
        moments = set(dice.sample(among, min(count, len(among))))
        for number, call in enumerate(self.journal.calls):
            if number in moments:
                yield number, platter.after_a_cut(dice)
            platter.take(call)

    async def found_after(self, number: int, files: dict[str, bytes]) -> list[str]:
        """What the store that such a cut left contradicts."""
        left = self.folder / f"cut {number}"
        lay(left, files)
        try:
            async with opened(left, self.room) as spool:
                return await contradictions(spool, self.told, calls=number)
        except (StoreError, apsw.Error) as error:
            return [f"it does not open: {error!r}"]
        finally:
            shutil.rmtree(left)

    async def all_found(self, cuts: int, soon_after: int | None = None) -> dict[int, list[str]]:
        """By the moment of the cut; nothing for those where all is well."""
        found = {
            number: await self.found_after(number, files) for number, files in self.cuts(cuts, soon_after)
        }
        return {number: sentences for number, sentences in found.items() if sentences}


def lay(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_cut_takes_back_what_was_told_to_be_durable(room, folder, seed):
    recorded = Recorded(room, folder / "store", seed=seed)
    await recorded.run()
    assert len(recorded.told.transfers) > 50
    assert recorded.told.delivered
    assert await recorded.all_found(CUTS) == {}


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", LONG_SEEDS)
async def test_no_cut_of_a_hundred_thousand_takes_anything_back(room, folder, seed):
    recorded = Recorded(room, folder / "store", seed=seed, rounds=60)
    await recorded.run()
    assert await recorded.all_found(LONG_CUTS) == {}


async def test_control_a_store_that_does_not_sync_each_commit_is_seen(room, folder):
    recorded = Recorded(room, folder / "store", seed=1, careless=True)
    await recorded.run()
    assert any(
        "told to be durable" in told
        for sentences in (await recorded.all_found(60)).values()
        for told in sentences
    )


async def test_control_a_disk_that_lies_about_the_log_is_seen(room, folder):
    recorded = Recorded(room, folder / "store", seed=2)
    recorded.journal.lies = lambda call: call.verb == "sync" and call.file.endswith("-wal")
    await recorded.run()
    assert any(
        "told to be durable" in told
        for sentences in (await recorded.all_found(60)).values()
        for told in sentences
    )


async def test_control_a_disk_that_lies_about_the_file_is_seen(room, folder):
    recorded = Recorded(room, folder / "store", seed=3)
    recorded.journal.lies = lambda call: call.verb == "sync" and call.file.endswith(".db")
    await recorded.run()
    assert await recorded.all_found(120) != {}


@dataclass(frozen=True)
class Fault:
    verbs: frozenset[str]  # of the calls that may fail with it
    error: Callable[[], Exception]


FAULTS = {  # a sync of a full disk is an I/O error to SQLite
    "an I/O error": Fault(frozenset({"write", "sync"}), lambda: apsw.IOError("this call failed to order")),
    "a full disk": Fault(frozenset({"write"}), lambda: apsw.FullError("this disk is full to order")),
    "a failed sync": Fault(frozenset({"sync"}), lambda: apsw.IOError("this sync failed to order")),
}
EVERY_FAULT = pytest.mark.parametrize(
    ("fault", "lasts"), [("an I/O error", 1), ("an I/O error", 3), ("a full disk", 1), ("a full disk", 3)]
)


@EVERY_FAULT
async def test_a_call_that_fails_takes_nothing_back_neither_now_nor_after_a_cut(room, folder, fault, lasts):
    await fails_at_each(room, folder, fault, lasts, every=60)


async def test_a_sync_that_fails_makes_nothing_safe_and_no_later_promise_stands_on_it(room, folder):
    await fails_at_each(room, folder, "a failed sync", 1, every=1)


@pytest.mark.long
@pytest.mark.timeout(1200)
@EVERY_FAULT
async def test_each_call_that_fails_takes_nothing_back(room, folder, fault, lasts):
    await fails_at_each(room, folder, fault, lasts, every=1)


async def fails_at_each(room: Path, folder: Path, name: str, lasts: int, *, every: int) -> None:
    """The same work with one of its calls failing, for one in `every` of them."""
    fault = FAULTS[name]
    whole = Recorded(room, folder / "whole", seed=5, rounds=12)
    await whole.run()
    candidates = [
        n for n, call in enumerate(whole.journal.calls) if n >= whole.begun and call.verb in fault.verbs
    ]
    refused = 0
    for broken in candidates[Random(lasts).randrange(every) :: every]:
        recorded = Recorded(room, folder / f"broken at {broken}", seed=5, rounds=12)
        recorded.journal.fails = failing(fault, broken, lasts)
        await recorded.run()
        refused += recorded.told.refused
        calls = len(recorded.journal.calls)
        assert await recorded.all_found(6, soon_after=broken) == {}, f"after a cut, broken at {broken}"
        async with opened(recorded.folder, room) as spool:
            assert await contradictions(spool, recorded.told, calls=calls) == [], f"live, broken at {broken}"
    saved = name == "a full disk" and lasts == 1  # by the reserve: nobody noticed
    assert (refused == 0) == saved, "what the work saw of the faults is not what it should have seen"


def failing(fault: Fault, first: int, count: int) -> Callable[[int, Call], Exception | None]:
    left = [count]

    def fails(number: int, call: Call) -> Exception | None:
        if number < first or not left[0] or call.verb not in fault.verbs:
            return None
        left[0] -= 1
        return fault.error()

    return fails


class PowerComesAndGoes(RuleBasedStateMachine):
    """Work, cuts and repairs in any order, each life on what the last cut left."""

    folder: Path
    room: Path

    def __init__(self) -> None:
        super().__init__()
        self.lives = 0
        self.told = Told()
        self.files: dict[str, bytes] = {}

    @rule(seed=st.integers(0, 2**32), rounds=st.integers(0, 4), late=st.floats(0, 1), clean=st.booleans())
    def live(self, *, seed: int, rounds: int, late: float, clean: bool) -> None:
        self.lives += 1
        folder = self.folder / f"{id(self)} {self.lives}"
        lay(folder, self.files)
        journal, told = Journal(), Told()
        platter, dice = Platter(Random(seed)), Random(seed)
        platter.begin_with(self.files)

        async def main() -> None:
            async with opened(folder, self.room, RecordingDisk(journal)) as spool:
                await work(spool, told, seed=seed, rounds=rounds, calls=lambda: len(journal.calls))

        asyncio.run(main())
        cut = len(journal.calls) if clean else round(late * len(journal.calls))
        for call in journal.calls[:cut]:
            platter.take(call)
        self.files = platter.after_a_cut(dice)
        self.told.transfers += [(0, number) for at, number in told.transfers if at <= cut]
        self.told.delivered += [(0, key) for at, key in told.delivered if at <= cut]

    @invariant()
    def nothing_is_lost(self) -> None:
        if not self.lives:
            return
        folder = self.folder / f"{id(self)} look {self.lives}"
        lay(folder, self.files)

        async def main() -> list[str]:
            async with opened(folder, self.room) as spool:
                return await contradictions(spool, self.told, calls=0)

        assert asyncio.run(main()) == []


def test_power_that_comes_and_goes_takes_nothing_back(room, folder):
    machine = type("Here", (PowerComesAndGoes,), {"folder": folder, "room": room})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=15, stateful_step_count=6, deadline=None)
    )


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_power_that_comes_and_goes_for_long_takes_nothing_back(room, folder):
    machine = type("Here", (PowerComesAndGoes,), {"folder": folder, "room": room})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=400, stateful_step_count=20, deadline=None)
    )
