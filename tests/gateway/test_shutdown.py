"""The end of a process has one deadline, however many parts of it wait."""

import asyncio
from contextlib import suppress

import pytest

from gateway.shutdown import Shutdown

SECONDS = 0.3


async def waits_for_ever(shutdown):
    with suppress(TimeoutError):
        async with asyncio.timeout(shutdown.left_seconds()):
            await asyncio.Event().wait()


async def test_whoever_ends_after_others_has_what_they_left():
    shutdown, loop = Shutdown(SECONDS), asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(5):
        await waits_for_ever(shutdown)
    assert loop.time() - begun < 2 * SECONDS


async def test_the_seconds_run_from_the_first_look_and_never_end_in_none():
    shutdown = Shutdown(SECONDS)
    await asyncio.sleep(SECONDS / 2)
    assert shutdown.left_seconds() == pytest.approx(SECONDS)
    await waits_for_ever(shutdown)
    assert 0 < shutdown.left_seconds() < SECONDS / 2  # 0 would mean "without end" to aiohttp
