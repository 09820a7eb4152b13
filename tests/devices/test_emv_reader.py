"""The reader over virtual cards: what a person and a card may do, each with its own word."""

import asyncio
import os
from dataclasses import replace
from datetime import date

import pytest

from devices.emulators.card import CardFaults, VirtualCard
from devices.emulators.card_files import CREDIT, DEBIT, Directory, throw_contents
from devices.emulators.card_slot import VirtualSlot
from devices.emv.reader import SEVERAL_CARDS, EmvReader
from devices.emv.tags import Tag
from devices.emv.tlv import first, parse
from devices.interfaces import Application, Completion, DeviceState, Purchase

SOON = 20.0  # a deadline that a working test never reaches
TODAY = date(2026, 11, 22)
PURCHASE = Purchase(154500, "398", "398", "261122", bytes.fromhex("01020304"))


def thrown():
    return throw_contents(os.urandom, expiry_yymm="2911")


@pytest.fixture
def contents():
    return thrown()


@pytest.fixture
def slot():
    return VirtualSlot()


@pytest.fixture
def reader(slot):
    return EmvReader(slot, today=lambda: TODAY, apdu_seconds=0.2)


async def pay(reader):
    """The reader's part of a journey: the first result that does not succeed, or the chip's data."""
    waited = await reader.wait_for_card(SOON)
    if not waited.succeeded:
        return waited
    listed = await reader.applications()
    if not listed.succeeded:
        return listed
    opened = await reader.open_application(listed.value[0])
    if not opened.succeeded:
        return opened
    return await reader.authorise(PURCHASE)


@pytest.mark.parametrize("directory", Directory)
@pytest.mark.parametrize("application", [CREDIT, DEBIT], ids=lambda one: one.label)
@pytest.mark.parametrize("in_parts", [False, True], ids=["whole", "in parts"])
async def test_a_card_pays(slot, reader, directory, application, in_parts):
    contents = replace(thrown(), directory=directory, applications=(application,))
    card = VirtualCard(contents, faults=CardFaults(in_parts=in_parts))
    slot.insert(card)
    chip = (await pay(reader)).value
    assert chip.pan == contents.pan
    assert chip.expiry_yymm == "2911"
    assert chip.track2 == f"{contents.pan}D29112010000000000"
    assert chip.pan_sequence == "01"
    field_55 = {node.tag: node.value.hex() for node in parse(chip.emv)}
    assert field_55[Tag.AMOUNT] == "000000154500"
    assert field_55[Tag.CRYPTOGRAM_INFORMATION] == "80"
    assert field_55[Tag.UNPREDICTABLE] == "01020304"
    assert field_55[Tag.ATC] == "0001"
    assert field_55[Tag.DF_NAME] == application.aid.hex()
    assert field_55[Tag.DATE] == "261122"
    assert not field_55.keys() & {Tag.TRACK2, Tag.PAN, Tag.NAME, Tag.EXPIRY}
    assert len(chip.emv) <= 255


async def test_the_card_is_closed_before_it_is_given_back(slot, reader, contents):
    commands = []
    card = VirtualCard(contents)

    class Watched(VirtualSlot):
        async def transmit(self, apdu):
            commands.append(apdu)
            return await super().transmit(apdu)

    slot = Watched()
    slot.insert(card)
    assert (await pay(EmvReader(slot, today=lambda: TODAY))).succeeded
    first_ac, second_ac = commands[-2:]
    assert first_ac[:3] == bytes.fromhex("80AE80")
    assert second_ac[:3] == bytes.fromhex("80AE00")
    assert second_ac[5:7] == b"Z3"


async def test_a_card_with_two_applications_lets_the_customer_choose(slot, reader, contents):
    slot.insert(VirtualCard(replace(contents, applications=(DEBIT, CREDIT))))
    await reader.wait_for_card(SOON)
    listed = (await reader.applications()).value
    assert [application.label for application in listed] == ["VISA CREDIT", "MASTERCARD"]
    assert (await reader.open_application(listed[1])).value == contents.pan
    chip = (await reader.authorise(PURCHASE)).value
    assert first(parse(chip.emv), Tag.DF_NAME) == DEBIT.aid


async def test_a_card_is_waited_for(slot, reader, contents):
    waiting = asyncio.create_task(reader.wait_for_card(SOON))
    await asyncio.sleep(0)
    slot.insert(VirtualCard(contents))
    assert (await waiting).succeeded


async def test_nobody_inserts_a_card(reader):
    assert (await reader.wait_for_card(0.01)).completion is Completion.TIME_OUT


async def test_a_card_left_behind_is_still_there(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    await reader.wait_for_card(SOON)
    assert (await reader.release_card(0.01)).completion is Completion.TIME_OUT
    slot.pull()
    assert (await reader.release_card(SOON)).succeeded


async def test_a_card_pulled_before_its_arqc_is_no_media_at_every_command(slot, reader, contents):
    for at in range(1, 20):
        slot.insert(VirtualCard(contents))
        slot.faults.pull_at = at
        result = await pay(reader)
        if result.succeeded:
            break
        assert (result.completion, result.error) == (Completion.COMMAND_ERROR, "noMedia")
    assert at == 7  # PPSE, SELECT, GPO, two records, GENERATE AC; the seventh only closes the card


async def test_a_card_changed_in_between_is_no_media(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    await reader.wait_for_card(SOON)
    slot.pull()
    slot.insert(VirtualCard(contents))
    assert (await reader.applications()).error == "noMedia"


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (CardFaults(mute=True), "muteCard"),
        (CardFaults(blocked=True), "cardBlocked"),
        (CardFaults(application_blocked=True), "cardBlocked"),
        (CardFaults(declines=True), "declinedByCard"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("directory", Directory)
async def test_a_bad_card_has_its_own_word(slot, reader, faults, error, directory):
    contents = thrown()
    slot.insert(VirtualCard(replace(contents, directory=directory), faults=faults))
    result = await pay(reader)
    assert (result.completion, result.error) == (Completion.COMMAND_ERROR, error)
    slot.insert(VirtualCard(contents))
    assert (await pay(reader)).succeeded


async def test_a_card_without_an_application_of_ours(slot, reader, contents):
    loyalty = replace(CREDIT, aid=bytes.fromhex("F0000000011010"))
    slot.insert(VirtualCard(replace(contents, applications=(loyalty,))))
    assert (await pay(reader)).error == "noApplication"


@pytest.mark.parametrize(("expiry", "error"), [("2610", "cardExpired"), ("2611", None)])
async def test_a_card_is_good_until_the_end_of_its_month(slot, reader, contents, expiry, error):
    slot.insert(VirtualCard(replace(contents, expiry_yymm=expiry)))
    assert (await pay(reader)).error == error


async def falls_silent(slot, reader):
    slot.insert(VirtualCard(thrown()))
    slot.faults.hang_at = 3
    assert (await pay(reader)).error == "cardSilent"
    said = (await reader.status()).measured
    slot.pull()
    assert (await reader.release_card(SOON)).succeeded
    slot.faults.hang_at = None
    return said


async def test_a_silent_card_is_blamed_before_the_reader_and_several_are_not(slot, reader, contents):
    for _ in range(SEVERAL_CARDS):
        assert (await reader.status()).measured == {"media": "notPresent"}
        assert await falls_silent(slot, reader) == {"media": "present", "card": "silent"}
    status = await reader.status()
    assert (status.device, status.measured["card"]) == (DeviceState.ONLINE, "severalSilent")
    slot.insert(VirtualCard(contents))
    assert (await pay(reader)).succeeded
    assert (await reader.release_card(0)).completion is Completion.TIME_OUT
    assert (await reader.status()).measured == {"media": "present"}, "a card that answers acquits the reader"


async def test_a_silent_card_is_a_hardware_error_until_it_is_pulled(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    slot.faults.hang_at = 3
    result = await pay(reader)
    assert (result.completion, result.error) == (Completion.HARDWARE_ERROR, "cardSilent")
    assert "pull the card" in result.detail
    assert (await reader.status()).device is DeviceState.HARDWARE_ERROR
    slot.pull()
    assert (await reader.status()).device is DeviceState.ONLINE
    slot.faults.hang_at = None
    slot.insert(VirtualCard(contents))
    assert (await pay(reader)).succeeded


async def test_a_silence_after_the_arqc_costs_nothing(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    slot.faults.hang_at = 7
    assert (await pay(reader)).succeeded


async def test_a_lost_reader_is_no_device_and_comes_back(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    await reader.wait_for_card(SOON)
    slot.unplug()
    assert (await reader.applications()).completion is Completion.CONNECTION_LOST
    assert (await reader.status()).device is DeviceState.NO_DEVICE
    slot.plug()
    assert (await pay(reader)).succeeded


async def test_the_status_tells_whether_a_card_is_in(slot, reader, contents):
    assert (await reader.status()).measured == {"media": "notPresent"}
    slot.insert(VirtualCard(contents))
    assert (await reader.status()).measured == {"media": "present"}


async def test_calls_out_of_order_are_refused(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    assert (await reader.applications()).error == "sequenceInvalid"
    assert (await reader.authorise(PURCHASE)).error == "sequenceInvalid"
    assert (await reader.open_application(Application(CREDIT.aid, "", 1))).error == "sequenceInvalid"


async def test_one_opening_serves_one_cryptogram(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    assert (await pay(reader)).succeeded
    assert (await reader.authorise(PURCHASE)).error == "sequenceInvalid"


async def test_a_card_that_inserts_itself_and_leaves(contents):
    slot = VirtualSlot(auto_card=VirtualCard(contents))
    reader = EmvReader(slot, today=lambda: TODAY)
    for _ in range(2):
        assert (await pay(reader)).succeeded
        assert (await reader.release_card(SOON)).succeeded
        assert slot.card is None


async def test_results_and_logs_hold_nothing_of_the_card(slot, reader, contents, caplog):
    caplog.set_level(0)
    slot.insert(VirtualCard(contents))
    slot.faults.pull_at = 7
    written = repr(await pay(reader)) + caplog.text
    slot.insert(VirtualCard(contents, faults=CardFaults(declines=True)))
    written += repr(await pay(reader)) + caplog.text
    assert contents.pan not in written
    assert contents.pan[6:12] not in written
