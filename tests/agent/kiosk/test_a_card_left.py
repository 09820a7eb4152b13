"""A card that nobody takes back, as the one person at the screen and the staff see it."""

import asyncio

from agent.journeys.bill import Ending, State
from agent.kiosk.watching import KioskTimers, watch_left_card
from devices.interfaces import Completion, Result
from tests.agent.fakes import Device
from tests.agent.kiosk.person import serving


async def test_a_card_left_behind_is_told_with_its_code_until_it_is_taken():
    pulled = asyncio.Event()

    async def taken():
        await pulled.wait()
        pulled.clear()

    async with serving(device=Device(release_card=Result(Completion.TIME_OUT))) as at:
        watching = asyncio.create_task(watch_left_card(at.attendant, taken))
        await at.to_review()
        at.press("agree")
        await at.shows("card_left")
        assert at.attendant.screen.context["staff_code"] == "reader.cardLeft"
        pulled.set()
        await at.shows("paid")
        watching.cancel()


async def test_a_card_that_nobody_took_back_is_told_although_nothing_was_sent():
    left = Device(enter_pin=Result(Completion.CANCELED), release_card=Result(Completion.TIME_OUT))
    async with serving(device=left) as at:
        await at.to_review()
        at.press("agree")
        await at.shows("card_left")
        assert at.attendant.scene.journey.state is State.ABANDONED
        assert at.attendant.screen.context["outcome"] is Ending.CANCELLED
        at.attendant.left_card_taken()
        await at.shows("cancelled")


async def test_a_card_that_stays_leads_out_of_service_with_its_code():
    timers = KioskTimers(more_time_seconds=60, start_again_seconds=90, read_seconds=0.02, look_seconds=60)
    async with serving(timers=timers, device=Device(release_card=Result(Completion.TIME_OUT))) as at:
        await at.to_review()
        at.gate = ["reader.cardLeft"]
        at.press("agree")
        await at.shows("card_left")
        await at.shows("out_of_service")
        assert at.attendant.screen.context["codes"] == ("reader.cardLeft",)
