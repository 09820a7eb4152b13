"""The service PIN: never in the clear, and a wrong one costs more each time, whatever is restarted."""

import asyncio
import stat
from datetime import timedelta

import pytest

from agent.technician.pin_file import Attempt, PinFile, Tried, UnfitPinError, check_fit, lock_seconds

PIN = "284015"
WRONG = "284016"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "service.pin"


@pytest.fixture
def file(path, clock):
    """Ask it for another one to live through a restart."""

    def _file():
        return PinFile(path, now=clock, random_bytes=lambda length: bytes(range(length)))

    _file().set(PIN)
    return _file


async def test_the_right_pin_opens_and_the_file_does_not_say_it(file, path):
    assert await file().attempt(PIN) == Attempt(Tried.RIGHT)
    assert PIN not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_without_a_file_nobody_gets_in(path, clock):
    empty = PinFile(path, now=clock, random_bytes=bytes)
    assert (await empty.attempt(PIN)).tried is Tried.NO_PIN
    path.write_text("{}")
    assert (await empty.attempt(PIN)).tried is Tried.NO_PIN


async def test_after_three_wrong_ones_even_the_right_one_waits_and_a_restart_changes_nothing(file, clock):
    for _ in range(3):
        last = await file().attempt(WRONG)
    assert last == Attempt(Tried.WRONG, 30.0)
    assert (await file().attempt(PIN)).tried is Tried.LOCKED
    clock.advance(seconds=29)
    assert await file().attempt(PIN) == Attempt(Tried.LOCKED, 1.0)
    clock.advance(seconds=2)
    assert (await file().attempt(WRONG)) == Attempt(Tried.WRONG, 60.0)
    clock.advance(seconds=61)
    assert (await file().attempt(PIN)).tried is Tried.RIGHT
    assert (await file().attempt(WRONG)) == Attempt(Tried.WRONG), "the right one begins a new count"


async def test_a_clock_that_is_set_back_opens_nothing(file, clock):
    for _ in range(3):
        await file().attempt(WRONG)
    clock.time -= timedelta(days=1)
    assert await file().attempt(PIN) == Attempt(Tried.LOCKED, 30.0)


async def test_an_attempt_is_counted_before_it_is_tried(file, path, clock):
    """Whoever pulls the plug between the try and its verdict has used it up."""
    seen = []

    class Watched(PinFile):
        def _keep(self, kept):
            seen.append(kept.wrong)
            super()._keep(kept)

    await Watched(path, now=clock, random_bytes=bytes).attempt(PIN)
    assert seen == [1, 0]


async def test_ten_at_once_are_no_ten_free_tries(file):
    one = file()
    tried = await asyncio.gather(*(one.attempt(WRONG) for _ in range(10)))
    assert [it.tried for it in tried] == [Tried.WRONG] * 3 + [Tried.LOCKED] * 7


async def test_a_disk_that_takes_nothing_does_not_open_the_door(file, path):
    one = file()
    path.with_name("service.pin.new").mkdir()  # nothing new can be written there, by root neither
    for _ in range(3):
        await one.attempt(WRONG)
    assert (await one.attempt(PIN)).tried is Tried.LOCKED


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "12345a", "111111", "123456", "987654", "٣٤٥٦٧٨", ""]
)
def test_a_pin_that_everybody_tries_first_is_refused_and_not_quoted(pin):
    with pytest.raises(UnfitPinError) as refused:
        check_fit(pin)
    assert not pin or pin not in str(refused.value)


def test_the_lock_grows_and_has_an_end():
    delays = [lock_seconds(wrong) for wrong in range(60)]
    assert delays[:3] == [0.0] * 3
    assert delays == sorted(delays)
    assert delays[-1] == 3600.0
