import asyncio
from datetime import UTC, datetime

import pytest

from agent.device_events import DeviceEvents
from devices.actions import Action
from devices.events import ErrorHappened, StatusChanged
from devices.interfaces import Completion, DeviceState

AT = datetime(2026, 11, 22, tzinfo=UTC)


def error(word):
    return ErrorHappened(
        "pad", "pin_pad", AT, Completion.CONNECTION_LOST, word, Action.SUSPEND, "check cable and power"
    )


def change(after):
    return StatusChanged("pad", "pin_pad", AT, DeviceState.ONLINE, after, {"keys": "loaded"}, "")


@pytest.fixture
async def told():
    """A sink, and the lines that came out of it."""
    events, lines = DeviceEvents(), asyncio.Queue()
    writing = asyncio.create_task(events.run(lambda name, data: lines.put((name, data))))
    yield events, lines
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


async def test_a_change_is_a_line_with_what_was_measured(told):
    events, lines = told
    events.tell(change(DeviceState.POWER_OFF))
    name, data = await lines.get()
    assert name == "device.status_changed"
    assert (data["before"], data["after"], data["measured_keys"]) == ("online", "powerOff", "loaded")


async def test_an_error_that_goes_on_is_one_line(told):
    events, lines = told
    for _ in range(100):
        events.tell(error("portLost"))
    events.tell(error("noAnswer"))
    assert [(await lines.get())[1]["error"] for _ in range(2)] == ["portLost", "noAnswer"]
    assert lines.empty()


async def test_lines_that_nobody_writes_do_not_fill_the_memory(caplog):
    events = DeviceEvents()
    for _ in range(2000):
        events.tell(change(DeviceState.OFFLINE))
    assert "device_events.too_many" in caplog.text
