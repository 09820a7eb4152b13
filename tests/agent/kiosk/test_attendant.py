"""The one person at the screen, with a real journey over fakes of its ports."""

import asyncio

import pytest

from agent.journeys.bill import State
from agent.kiosk.session import Mode, Stage
from agent.kiosk.watching import KioskTimers
from agent.terminal import TerminalStopsError
from devices.interfaces import Application, Completion, Result
from gateway.client import Unreachable
from gateway.contract import CheckRefused
from tests.agent.fakes import PAID, Book, Device, Gateway, offer
from tests.agent.kiosk import scenes
from tests.agent.kiosk.person import ACCOUNT, SOON, Earlier, serving


def open_sum():
    return offer(amount=None, fee=None, total=None)


def never():
    return asyncio.get_running_loop().create_future()


async def test_a_person_pays_from_the_language_to_the_card_taken():
    async with serving() as at:
        await at.to_review()
        at.press("agree")
        await at.shows("paid")
        assert at.orders[0].requisites == {"account": ACCOUNT}
        assert at.orders[0].language == "ru"
        at.press("again")
        assert at.name == "welcome"
        assert at.attendant.scene.journey is None


async def test_an_open_sum_is_asked_for_until_it_is_within_its_limits():
    async with serving(gateway=Gateway(check=open_sum())) as at:
        await at.to_requisite()
        at.press("enter", ACCOUNT)
        await at.shows("amount")
        at.press("enter", "0,50")
        assert at.name == "amount"
        assert at.attendant.screen.context["fault"] == "range"
        assert at.attendant.screen.context["typed"] == "0,50"
        at.press("enter", "1500")
        await at.shows("review")
        assert at.attendant.scene.journey.total.amount_minor == 154_500


async def test_a_second_tap_is_no_second_press():
    async with serving() as at:
        await at.shows("welcome")
        seq = at.attendant.scene.seq
        at.press("language", "ru", seq=seq)
        at.press("mine", seq=seq)
        assert at.name == "groups"


async def test_a_sequence_number_of_an_earlier_life_means_nothing():
    async with serving() as at:
        await at.shows("welcome")
        at.press("language", "ru", seq="earlier.1")
        assert at.name == "welcome"


async def test_what_is_being_typed_stays_without_a_new_screen():
    async with serving() as at:
        await at.to_requisite()
        seq = at.attendant.scene.seq
        at.attendant.type("2048", seq)
        assert at.attendant.scene.seq == seq
        assert at.attendant.screen.context["typed"] == "204 8"
        at.attendant.type("9", "life.0")
        assert at.attendant.screen.context["raw"] == "2048"


async def test_cancel_before_the_card_ends_the_journey_and_says_that_nothing_was_taken():
    async with serving() as at:
        await at.to_review()
        at.press("cancel")
        await at.shows("cancelled")


async def test_cancel_is_not_heard_while_money_moves():
    asked = asyncio.Event()

    class Silent(Gateway):
        async def put(self, payment_id, request, *, wait_seconds):
            asked.set()
            await never()

    book = Book()
    async with serving(gateway=Silent(), book=book) as at:
        await at.to_review()
        at.press("agree")
        await asked.wait()
        await at.shows("paying")
        for action in ("cancel", "again", "stay"):
            at.press(action)
        assert at.name == "paying"
        await at.shows("in_processing")  # its time was up, and its fate is asked later


async def test_a_value_is_changed_before_consent_and_the_rest_is_kept():
    async with serving() as at:
        await at.to_review()
        at.press("change", "0")
        await at.shows("requisite")
        assert at.attendant.screen.context["raw"] == ACCOUNT
        at.press("enter", ACCOUNT)
        await at.shows("review")
        assert len(at.orders) == 2


async def test_another_sum_is_asked_for_by_a_check_of_its_own():
    async with serving(gateway=Gateway(check=open_sum())) as at:
        await at.to_requisite()
        at.press("enter", ACCOUNT)
        await at.shows("amount")
        at.press("enter", "1500")
        await at.shows("review")
        at.press("change", "amount")
        await at.shows("amount")
        assert at.orders[0] == at.orders[1]


async def test_one_of_several_applications_is_chosen_by_the_person():
    both = [Application(b"\xa0\x01", "VISA CREDIT", 1), Application(b"\xa0\x02", "VISA DEBIT", 2)]
    async with serving(device=Device(applications=Result(Completion.SUCCESS, both))) as at:
        await at.to_review()
        at.press("agree")
        await at.shows("application")
        at.press("application", "1")
        await at.shows("paid")
        assert at.attendant.scene.journey.application == "VISA DEBIT"


async def test_a_refused_check_says_so_and_another_payment_begins_in_the_same_language():
    async with serving(gateway=Gateway(check=CheckRefused(reason="eport.5"))) as at:
        await at.to_requisite()
        at.press("enter", ACCOUNT)
        await at.shows("refused")
        at.press("another")
        assert at.name == "groups"
        assert at.attendant.scene.session.language == "ru"


@pytest.mark.parametrize("raises", [Unreachable("silent"), TerminalStopsError()])
async def test_a_journey_that_cannot_begin_says_that_nothing_was_taken(raises):
    async with serving(raises=raises) as at:
        await at.to_requisite()
        at.press("enter", ACCOUNT)
        await at.shows("unavailable")


async def test_a_store_that_fails_while_money_moves_is_never_told_as_unpaid():
    class Torn(Book):
        async def move(self, journey, happened):
            if journey.state is State.SENDING:
                raise OSError("no space")
            return await super().move(journey, happened)

    async with serving(book=Torn(), gateway=Gateway(put=(PAID,))) as at:
        await at.to_review()
        at.press("agree")
        await at.shows("in_processing")


async def test_an_earlier_payment_is_found_and_printed_again():
    earlier = Earlier(found=scenes.every("ru")["paid"].journey)
    async with serving(earlier=earlier) as at:
        await at.shows("welcome")
        at.press("language", "en")
        at.press("mine")
        at.press("enter", "6326 0000 1234")
        at.press("enter", "0018")
        await at.shows("mine_found")
        assert earlier.asked == [("632600001234", "0018")]
        at.press("reprint")
        await at.shows("mine_found")
        assert at.attendant.screen.context["copy_printed"] is True


async def test_an_earlier_payment_that_is_not_there_can_be_typed_again():
    async with serving() as at:
        await at.shows("welcome")
        at.press("language", "en")
        at.press("mine")
        at.press("enter", "632600001234")
        at.press("enter", "0018")
        await at.shows("mine_not_found")
        at.press("back")
        assert at.attendant.screen.context["raw"] == "632600001234"


async def test_modes_stay_until_the_person_goes():
    async with serving() as at:
        await at.shows("welcome")
        at.press("mode", "larger")
        at.press("language", "ru")
        assert at.attendant.scene.session.modes == {Mode.LARGER}
        at.press("mode", "larger")
        at.press("mode", "nonsense")
        assert at.attendant.scene.session.modes == frozenset()


async def test_an_obstacle_closes_the_terminal_and_its_end_opens_it():
    timers = KioskTimers(more_time_seconds=60, start_again_seconds=90, read_seconds=60, look_seconds=0.01)
    async with serving(obstacles=["printer.cover_open"], timers=timers) as at:
        await at.shows("out_of_service")
        at.press("language", "ru")
        assert at.name == "out_of_service"
        at.gate.clear()
        await at.shows("welcome")


async def test_nobody_there_is_asked_for_and_then_forgotten():
    async with serving(timers=SOON) as at:
        await at.shows("welcome")
        at.press("language", "kk")
        await at.shows("more_time")
        await at.shows("welcome")
        assert at.attendant.scene.session.stage is Stage.WELCOME


async def test_whoever_wants_more_time_goes_on_where_they_were():
    timers = KioskTimers(more_time_seconds=0.02, start_again_seconds=60, read_seconds=60, look_seconds=60)
    async with serving(timers=timers) as at:
        await at.to_requisite()
        await at.shows("more_time")
        at.press("stay")
        assert at.name == "requisite"


async def test_a_journey_that_everybody_left_before_the_card_is_abandoned():
    async with serving(timers=SOON) as at:
        await at.shows("welcome")
        at.press("language", "ru")
        at.press("group", "internet-tv")
        at.press("provider", "samal")
        at.press("product", "samal-internet")
        at.press("enter", ACCOUNT)
        await at.shows("more_time")
        await at.shows("welcome")
        assert len(at.orders) == 1


async def test_the_next_person_meets_the_first_language():
    async with serving() as at:
        await at.shows("welcome")
        at.press("language", "en")
        at.press("back")
        assert at.attendant.scene.session.language == "en"
        at.press("language", "kk")
        at.press("search")
        at.press("again")
        assert at.attendant.scene.session.language == scenes.LANGUAGES[0]


async def test_an_ending_that_was_read_makes_room_for_the_next_person():
    timers = KioskTimers(more_time_seconds=60, start_again_seconds=90, read_seconds=0.02, look_seconds=60)
    async with serving(timers=timers) as at:
        await at.to_review()
        at.press("agree")
        await at.shows("paid")
        await at.shows("welcome")
