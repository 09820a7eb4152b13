"""What a device says of itself, as the doctor tells it and as the device's own card does."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.journeys.ports import Devices
from agent.readiness import questions
from agent.technician.checked import checked
from agent.technician.control import result_item
from devices.actions import Who
from devices.interfaces import DeviceState, Status
from devices.selftest import of_status


class Device:
    def __init__(self, status):
        self._status = status

    async def status(self):
        return self._status


async def doctor_says(spool, status):
    well = Device(Status(DeviceState.ONLINE))
    reader, *_ = questions(
        devices=Devices(Device(status), well, well),
        gateway=None,
        spool=spool,
        now=lambda: datetime(2026, 11, 22, 9, 5, tzinfo=UTC),
        clock_skew=timedelta(seconds=120),
        free_disk_bytes=0,
    )
    [finding] = await reader()
    return checked(finding)


CARDS = [
    (
        Status(DeviceState.HARDWARE_ERROR, {"media": "present", "card": "silent"}),
        "try_another_card",
        Who.STAFF,
    ),
    (
        Status(DeviceState.ONLINE, {"media": "notPresent", "card": "severalSilent"}),
        "replace_reader",
        Who.ENGINEER,
    ),
]


@pytest.mark.parametrize(("status", "step", "who"), CARDS, ids=["one", "several"])
async def test_a_silent_card_is_tried_by_another_before_an_engineer_comes(spool, status, step, who):
    doctor, card = await doctor_says(spool, status), result_item(of_status(status))
    assert (doctor.next_step, doctor.who, doctor.verdict) == (step, who, card["verdict"])
    assert (card["next_step"], card["who"], card["when"]) == (step, who, doctor.when)


@pytest.mark.parametrize("detail", ["", "held by another program"])
@pytest.mark.parametrize("state", list(DeviceState))
async def test_the_doctor_and_the_devices_card_never_contradict_each_other(spool, state, detail):
    status = Status(state, detail=detail)
    doctor, said = await doctor_says(spool, status), of_status(status)
    card = result_item(said)
    assert (card["verdict"], card["who"], card["when"]) == (doctor.verdict, doctor.who, doctor.when)
    assert (said.who, said.when) == (doctor.who, doctor.when), "and so does a test without its page"
