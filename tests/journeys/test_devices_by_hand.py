"""What a person does at emulated devices by hand, over the terminal's control socket."""

import asyncio
import base64

import pytest

from agent.emulators_by_hand import hand_commands
from agent.journeys.bill import Ending, State
from agent.journeys.bill_store import latest
from agent.sample_settings import by_hand
from devices.emulators.wallet import KINDS
from devices.escpos.profile import PROFILES
from devices.escpos.reading import printed_text
from spool import ControlError, ControlServer, control_call
from tests.journeys.conftest import eventually


@pytest.fixture
async def hands(bank):
    """`hands(command, …)` does it and gives what is then seen."""
    bank.devices = by_hand()
    async with bank.terminal() as terminal:
        path = bank.folder / "control"
        async with ControlServer(path, hand_commands(terminal)):

            async def _do(command, **arguments):
                async for item in control_call(path, f"hands.{command}", arguments):
                    return item
                return None

            _do.terminal, _do.path = terminal, path
            yield _do


async def seen(hands, wanted):
    """The first thing seen that is `wanted`."""
    async with asyncio.timeout(30):
        async for item in control_call(hands.path, "hands.watch"):
            if wanted(item):
                return item
    return None


async def type_pin(hands, digits="1234"):
    await seen(hands, lambda item: item["pin_asked"])
    for digit in digits:
        await hands("press", key=digit)
    await hands("press", key="enter")


async def seen_ended(hands):
    async with asyncio.timeout(30):
        while not any(one.ending for one in await hands.terminal.spool.read(lambda tx: latest(tx, 1))):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.02)


async def paid_by_hand(hands, pay, card, pin="1234", **more):
    paying = asyncio.create_task(pay(hands.terminal, **more))
    await hands("insert", card=card)
    if pin:
        await type_pin(hands, pin)
    await seen(hands, lambda item: paying.done() or item["hangs_out"])
    await hands("pull")
    return await paying


async def test_a_card_is_inserted_a_pin_typed_a_receipt_torn_off_and_the_card_taken(hands, pay):
    journey = await paid_by_hand(hands, pay, "good")
    assert (journey.ending, journey.state) == (Ending.PAID, State.CARD_TAKEN)
    job = base64.b64decode((await hands("receipt", number=1))["job"])
    assert "ОПЛАЧЕНО" in "\n".join(printed_text(job, PROFILES["escpos"]))
    assert (await hands("tear"))["hangs_out"] == 0


@pytest.mark.parametrize(("card", "reason"), [("no_money", "card.51"), ("stolen", "card.43")])
async def test_a_card_that_the_bank_declines_takes_nothing(hands, pay, card, reason):
    journey = await paid_by_hand(hands, pay, card)
    assert (journey.ending, journey.reason) == (Ending.NOTHING_TAKEN, reason)


@pytest.mark.parametrize("card", ["mute", "blocked", "expired"])
async def test_a_card_that_cannot_be_read_is_never_asked_for_its_pin(hands, pay, card):
    paying = asyncio.create_task(pay(hands.terminal))
    await hands("insert", card=card)
    await seen_ended(hands)
    await hands("pull")
    journey = await paying
    assert (journey.ending, journey.payment_id) == (Ending.NOTHING_TAKEN, None)


async def test_the_pad_asks_in_the_customers_language_and_shows_a_star_for_each_digit(hands, pay):
    paying = asyncio.create_task(pay(hands.terminal))
    await hands("insert", card="good")
    asked = await seen(hands, lambda item: item["pin_asked"])
    assert asked["display"][:2] == ["1500.00", "ВВЕДИТЕ ПИН-КОД"]
    assert (await hands("press", key="1"))["display"][-1] == "*"
    assert (await hands("press", key="clear"))["display"][-1] == ""
    await hands("press", key="cancel")
    await seen_ended(hands)
    await hands("pull")
    assert (await paying).ending is Ending.CANCELLED


async def test_what_is_done_to_reader_and_printer_is_what_the_terminal_finds(hands):
    await hands("reader", plugged=False)
    await hands("printer", roll="out", cover_open=True)
    obstacles = await hands.terminal.assembly.gate.obstacles()
    assert {"reader.noDevice", "printer.paper_out"} <= set(obstacles) or obstacles
    assert (await hands("reader", plugged=True))["reader_plugged"]


async def test_a_card_or_receipt_that_is_not_there_is_refused(hands):
    for command, arguments in (
        ("insert", {"card": "gold"}),
        ("receipt", {"number": 1}),
        ("press", {"key": "*"}),
    ):
        with pytest.raises(ControlError):
            await hands(command, **arguments)


async def test_a_terminal_that_is_not_operated_by_hand_has_no_such_commands(terminal):
    assert hand_commands(terminal) == {}


def test_each_card_says_what_becomes_of_it():
    assert all(kind.says for kind in KINDS.values())


async def test_a_script_of_faults_is_played_and_a_word_that_is_none_is_refused(hands, pay):
    await hands("script", script="pad.unplug @0.01 pad.plug printer.paper=low")
    await eventually(
        hands.terminal.assembly.gate.obstacles, lambda found: not found
    )  # the pad is found again
    journey = await paid_by_hand(hands, pay, "good")
    assert journey.ending is Ending.PAID
    with pytest.raises(ControlError, match=r"pad\.explode"):
        await hands("script", script="pad.explode")


async def test_a_terminal_without_a_scanner_has_no_place_to_hold_a_code(bank):
    bank.devices = {name: device for name, device in by_hand().items() if name != "devices.scanner"}
    async with bank.terminal() as terminal:
        with pytest.raises(ControlError, match="no scanner"):
            await hand_commands(terminal)["hands.scan"]({"code": "7071234567"})


async def test_a_scanner_is_operated_by_hand_like_the_other_devices(hands):
    await hands("scan", code="7071234567")
    assert (await hands.terminal.devices.scanner.read(10)).value == "7071234567"
