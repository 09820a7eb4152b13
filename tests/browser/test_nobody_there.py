"""A screen that nobody touches: it asks, then it belongs to the next person; never while money moves."""

import pytest
import pytest_asyncio

from agent.demo.stage import playground
from tests.browser.conftest import TIMERS

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.processes]

HASTY = {
    **TIMERS,
    "more_time_seconds": 1.5,
    "start_again_seconds": 3.0,
    "read_seconds": 1.5,
    "card_seconds": 20.0,
}
PHONE = "7011234567"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ground(browser_program, tmp_path_factory):
    async with playground(tmp_path_factory.mktemp("hasty"), timers=HASTY) as running:
        yield running


async def test_who_is_asked_may_stay_with_what_was_typed(person):
    await person.come(language="en")
    await person.press("group", "mobile")
    await person.sees("providers")
    await person.sees("more_time")
    await person.press("stay")
    await person.sees("providers")


async def test_who_does_not_answer_has_gone_and_nothing_is_left_of_them(person):
    await person.come(language="en")
    await person.press("group", "mobile")
    await person.sees("providers")
    await person.sees("more_time")
    await person.sees("welcome")
    assert person.shown[-2:] == ["more_time", "welcome"]


async def test_nobody_is_asked_while_the_card_is_in_and_money_moves(person):
    await person.trouble("delay", "bank_payment", delay_seconds=2.5)
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.pays()
    await person.page.wait_for_timeout(2000)
    await person.sees("take_card")
    await person.takes_card()
    await person.sees("paid", "in_processing")
    assert {"insert_card", "pin", "paying", "take_card"} <= set(person.shown)
    assert "more_time" not in person.shown[person.shown.index("insert_card") :]
    await person.sees("welcome")
