"""The reader over a real pcscd of our own: the machine's is neither needed nor disturbed."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from devices.emulators.card import ATR, ATR_T1, CardFaults, VirtualCard
from devices.emulators.card_files import CREDIT, DEBIT, throw_contents
from devices.emulators.card_slot import VirtualSlot
from devices.emulators.pcscd import NoPcscdError, OwnPcscd
from devices.emulators.vpcd import VpcdReader
from devices.emv.reader import EmvReader
from devices.emv.tags import Tag
from devices.emv.tlv import first, parse
from devices.interfaces import Completion, DeviceState, Purchase
from devices.pcsc import library as pcsc_library
from devices.pcsc.channel import PcscChannel

SOON = 20.0  # a deadline that a working test never reaches
PURCHASE = Purchase(154500, "398", "398", "261122", bytes.fromhex("01020304"))


@pytest.fixture
def contents():
    return throw_contents(os.urandom, expiry_yymm="2911")


@pytest.fixture
async def pcscd():
    return OwnPcscd()


@pytest.fixture
async def slot(pcscd, virtual_reader):
    slot = VirtualSlot()
    async with VpcdReader(slot, pcscd):
        yield slot


@pytest.fixture
async def reader(slot, pcscd):
    reader = EmvReader(
        PcscChannel(pcscd.reader, pcsc_library.load()), today=lambda: date(2026, 11, 22), apdu_seconds=2
    )
    yield reader
    await reader.close()


async def pay(reader):
    """The reader's part of a journey: the first result that does not succeed, or the chip's data."""
    waited = await reader.wait_for_card(SOON)
    if not waited.succeeded:
        return waited
    listed = await reader.applications()
    if not listed.succeeded:
        return listed
    opened = await reader.open_application(listed.value[0])
    return await reader.authorise(PURCHASE) if opened.succeeded else opened


async def until(reader, state):
    async with asyncio.timeout(SOON):
        while True:
            if (await reader.status()).device is state:
                return
            await asyncio.sleep(0.02)


async def taken(slot, reader):
    slot.pull()
    assert (await reader.release_card(SOON)).succeeded


@pytest.mark.parametrize("atr", [ATR, ATR_T1], ids=["T0", "T1"])
@pytest.mark.parametrize("in_parts", [False, True], ids=["whole", "in parts"])
async def test_a_card_pays_by_either_protocol(slot, reader, contents, atr, in_parts):
    slot.insert(VirtualCard(contents, faults=CardFaults(in_parts=in_parts), atr=atr))
    chip = (await pay(reader)).value
    assert chip.pan == contents.pan
    assert first(parse(chip.emv), Tag.DF_NAME) == CREDIT.aid


async def test_every_session_begins_with_a_cold_reset(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    for _ in range(2):
        assert (await pay(reader)).succeeded
        assert (await reader.release_card(0)).completion is Completion.TIME_OUT
    assert slot.card.atc == 2


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (CardFaults(mute=True), "muteCard"),
        (CardFaults(blocked=True), "cardBlocked"),
        (CardFaults(application_blocked=True), "cardBlocked"),
        (CardFaults(declines=True), "declinedByCard"),
    ],
    ids=["mute", "6A81", "6283", "AAC"],
)
async def test_a_bad_card_has_its_own_word_and_goes_back(slot, reader, contents, faults, error):
    slot.insert(VirtualCard(contents, faults=faults))
    result = await pay(reader)
    assert (result.completion, result.error) == (Completion.COMMAND_ERROR, error)
    await taken(slot, reader)


async def test_a_card_that_has_expired(slot, reader, contents):
    slot.insert(VirtualCard(replace(contents, expiry_yymm="2610")))
    assert (await pay(reader)).error == "cardExpired"


async def test_a_card_with_two_applications_lets_the_customer_choose(slot, reader, contents):
    slot.insert(VirtualCard(replace(contents, applications=(DEBIT, CREDIT))))
    await reader.wait_for_card(SOON)
    listed = (await reader.applications()).value
    assert [application.label for application in listed] == ["VISA CREDIT", "MASTERCARD"]
    assert (await reader.open_application(listed[1])).value == contents.pan


async def test_a_card_that_leaves_is_noticed_while_nothing_is_said_to_it(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    await reader.wait_for_card(SOON)
    watching = asyncio.create_task(reader.wait_for_removal())
    await asyncio.sleep(0)
    assert not watching.done()
    slot.pull()
    assert (await watching).succeeded


async def test_a_card_left_behind_is_still_there(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    await reader.wait_for_card(SOON)
    assert (await reader.release_card(0.05)).completion is Completion.TIME_OUT
    assert (await reader.status()).measured == {"media": "present"}
    await taken(slot, reader)


async def test_a_card_that_hangs_is_a_hardware_error_until_it_is_pulled(slot, reader, contents):
    slot.insert(VirtualCard(contents))
    slot.faults.hang_at = 3
    result = await pay(reader)
    assert (result.completion, result.error) == (Completion.HARDWARE_ERROR, "cardSilent")
    status = await reader.status()
    assert (status.device, status.detail) == (DeviceState.HARDWARE_ERROR, "pull the card")
    await taken(slot, reader)
    slot.faults.hang_at = None
    slot.insert(VirtualCard(contents))
    assert (await pay(reader)).succeeded


async def test_a_reader_is_one_programs_at_a_time(slot, reader, pcscd, contents):
    slot.insert(VirtualCard(contents))
    assert (await reader.wait_for_card(SOON)).succeeded
    other = PcscChannel(pcscd.reader, pcsc_library.load())
    result = await EmvReader(other, today=lambda: date(2026, 11, 22)).wait_for_card(SOON)
    assert result.error == "readerInUse"
    await other.close()


async def test_pcscd_dies_in_the_middle_and_the_reader_comes_back_by_itself(slot, reader, pcscd, contents):
    slot.insert(VirtualCard(contents))
    for _ in range(3):
        await reader.wait_for_card(SOON)
        watching = asyncio.create_task(reader.wait_for_removal())
        await pcscd.kill()
        assert (await watching).error == "readerLost"
        assert (await reader.applications()).error == "readerLost"
        assert (await reader.status()).device is DeviceState.NO_DEVICE
        await pcscd.start()
        await until(reader, DeviceState.ONLINE)
        assert (await pay(reader)).succeeded


async def test_no_thread_and_no_descriptor_is_left_behind_by_many_deaths(slot, reader, pcscd):
    await until(reader, DeviceState.ONLINE)
    before = descriptors()
    for _ in range(5):
        await pcscd.kill()
        await until(reader, DeviceState.NO_DEVICE)
        await pcscd.start()
        await until(reader, DeviceState.ONLINE)
    assert descriptors() <= before


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_second_pcscd_of_ours_would_answer_for_the_first(slot):
    with pytest.raises(NoPcscdError, match="another pcscd answers"):
        await OwnPcscd().start()


CRASHES = """
import asyncio, os
from devices.emulators.pcscd import OwnPcscd

async def main():
    pcscd = OwnPcscd()
    await pcscd.start()
    print(pcscd.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_pcscd_of_ours_ends_with_us_even_when_we_are_killed(virtual_reader, tmp_path):
    us = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CRASHES),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    pid = int(await us.stdout.readline())
    us.kill()
    await us.wait()
    async with asyncio.timeout(SOON):
        while True:
            if "pcscd" not in command_line(pid):
                return
            await asyncio.sleep(0.02)


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


async def test_the_name_may_come_without_its_numbers(slot):
    reader = EmvReader(PcscChannel("Tolem Virtual Reader", pcsc_library.load()), today=date.today)
    assert (await reader.status()).device is DeviceState.ONLINE
    await reader.close()


async def test_nothing_of_the_card_is_in_results_and_logs(slot, reader, contents, caplog):
    caplog.set_level(0)
    slot.insert(VirtualCard(contents))
    slot.faults.pull_at = 6
    written = repr(await pay(reader)) + caplog.text
    assert contents.pan not in written
    assert contents.pan[6:12] not in written
