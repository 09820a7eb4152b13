"""What no pcscd can be made to do at will: refusals, answers that are none, a card that hangs for ever."""

import asyncio
import sys
from datetime import date
from pathlib import Path

import pytest

from devices.emv.channel import CardRemovedError
from devices.emv.reader import EmvReader
from devices.interfaces import Completion, DeviceState
from devices.pcsc.channel import PcscChannel
from devices.pcsc.library import Library
from tests.devices.scard_double import ANOTHER_PROGRAM, FORBIDDEN, NO_ACCESS, NO_SERVICE, READER, ScardDouble

SOON = 20.0  # a deadline that a working test never reaches
SELECT = bytes.fromhex("00A40400023F0000")


@pytest.fixture
def scard():
    return ScardDouble()


@pytest.fixture
async def channel(scard):
    channel = PcscChannel(READER, Library(scard))
    yield channel
    scard.released.set()
    await channel.close()


@pytest.fixture
def reader(channel):
    return EmvReader(channel, today=lambda: date(2026, 11, 22), apdu_seconds=0.3)


async def eventually(look, wanted):
    async with asyncio.timeout(SOON):
        while True:
            if await look() == wanted:
                return
            await asyncio.sleep(0.01)


async def test_a_card_is_powered_up_and_answers(channel, scard):
    assert await channel.power_on() == b"\x3b\x00"
    assert await channel.transmit(SELECT) == b"\x90\x00"
    assert scard.sent == [(scard.SCARD_PCI_T1, SELECT)]


async def test_success_without_an_answer_is_a_pulled_card(channel, scard):
    await channel.power_on()
    scard.answer = [0x90]
    with pytest.raises(CardRemovedError):
        await channel.transmit(SELECT)


async def test_a_reader_in_the_hands_of_another_program_is_told_as_that(reader, scard):
    scard.results["SCardConnect"] = ANOTHER_PROGRAM
    result = await reader.wait_for_card(SOON)
    assert (result.completion, result.error) == (Completion.DEVICE_NOT_READY, "readerInUse")
    assert "another program" in result.detail


@pytest.mark.parametrize("call", ["SCardEstablishContext", "SCardConnect"])
async def test_a_refusal_of_polkit_is_told_as_that_and_ends_when_it_is_allowed(reader, scard, call):
    scard.results[call] = FORBIDDEN
    result = await reader.wait_for_card(SOON)
    assert (result.completion, result.error) == (Completion.DEVICE_NOT_READY, "readerForbidden")
    assert "polkit" in result.detail
    del scard.results[call]
    await eventually(lambda: state(reader), DeviceState.ONLINE)
    assert (await reader.wait_for_card(SOON)).succeeded


@pytest.mark.parametrize("refusal", [FORBIDDEN, NO_ACCESS], ids=["8010006A", "80100027"])
async def test_a_dying_pcscd_that_seems_to_refuse_is_lost_and_not_forbidden(reader, scard, refusal):
    assert (await reader.wait_for_card(SOON)).succeeded
    told = asyncio.create_task(reader.wait_for_removal())
    dying = [refusal, refusal, NO_SERVICE]
    scard.change(results={"SCardGetStatusChange": refusal, "SCardEstablishContext": dying})
    assert (await told).error == "readerLost"
    while len(dying) > 1:
        assert "polkit" not in (await reader.status()).detail
        await asyncio.sleep(0.01)
    scard.results = {"SCardTransmit": refusal}
    assert (await reader.applications()).error == "readerLost"
    scard.results = {"SCardConnect": [refusal, NO_SERVICE]}
    await eventually(lambda: state(reader), DeviceState.ONLINE)
    assert (await reader.wait_for_card(SOON)).error == "readerLost"


async def test_no_word_of_a_refusal_is_said_before_it_is_repeated(channel, scard):
    told = []
    scard.results["SCardEstablishContext"] = [FORBIDDEN, FORBIDDEN, NO_SERVICE]
    reader = EmvReader(channel, today=lambda: date(2026, 11, 22))
    while not told or told[-1] is DeviceState.NO_DEVICE:
        status = await reader.status()
        assert "polkit" not in status.detail
        told.append(status.device)
        scard.results.clear()
        await asyncio.sleep(0.01)
    assert told[-1] is DeviceState.ONLINE


async def state(reader):
    return (await reader.status()).device


async def test_a_reader_that_is_not_there_is_told_with_those_that_are(scard):
    channel = PcscChannel("Gemalto PC Twin Reader", Library(scard))
    status = await EmvReader(channel, today=lambda: date(2026, 11, 22)).status()
    assert (status.device, READER in status.detail) == (DeviceState.NO_DEVICE, True)
    await channel.close()


async def test_a_reader_that_is_plugged_in_elsewhere_is_the_same_reader(reader, scard, caplog):
    caplog.set_level("INFO")
    assert (await reader.wait_for_card(SOON)).succeeded
    scard.change(name="Something else 00 00")
    assert (await reader.wait_for_removal()).error == "readerLost"
    scard.change(name="Double 01 00")
    await eventually(lambda: state(reader), DeviceState.ONLINE)
    assert (await reader.wait_for_card(SOON)).succeeded
    told = [record.message for record in caplog.records]
    assert told == ["pcsc.reader_there", "pcsc.reader_lost", "pcsc.reader_there"]


async def test_a_dead_pcscd_takes_its_cards_along_and_brings_them_back(reader, scard):
    assert (await reader.wait_for_card(SOON)).succeeded
    scard.change(results={"SCardEstablishContext": NO_SERVICE, "SCardGetStatusChange": NO_SERVICE})
    gone = await reader.wait_for_removal()
    assert (gone.completion, gone.error) == (Completion.CONNECTION_LOST, "readerLost")
    assert (await reader.status()).device is DeviceState.NO_DEVICE
    scard.change(results={})
    await eventually(lambda: state(reader), DeviceState.ONLINE)
    assert (await reader.wait_for_card(SOON)).succeeded


async def test_a_card_is_taken_only_when_the_reader_says_so(reader, scard):
    assert (await reader.wait_for_card(SOON)).succeeded
    scard.change(results={"SCardEstablishContext": NO_SERVICE, "SCardGetStatusChange": NO_SERVICE})
    assert (await reader.release_card(0.05)).completion is Completion.TIME_OUT
    releasing = asyncio.create_task(reader.release_card(SOON))
    scard.change(results={})
    scard.change(present=False)
    assert (await releasing).succeeded


async def test_a_card_that_hangs_stops_nobody_and_the_next_one_finds_another_worker(reader, scard):
    assert (await reader.wait_for_card(SOON)).succeeded
    scard.hang = True
    listed = await reader.applications()
    assert (listed.completion, listed.error) == (Completion.HARDWARE_ERROR, "cardSilent")
    assert "pull the card" in listed.detail
    assert (await reader.status()).device is DeviceState.HARDWARE_ERROR
    releasing = asyncio.create_task(reader.release_card(SOON))
    scard.change(present=False)
    assert (await releasing).succeeded
    assert not scard.released.is_set(), "the first worker hangs still"
    scard.hang = False
    scard.change(present=True)
    assert (await reader.wait_for_card(SOON)).succeeded
    assert (await reader.status()).device is DeviceState.ONLINE


async def test_a_card_that_hangs_and_stays_is_not_asked_twice(reader, scard):
    assert (await reader.wait_for_card(SOON)).succeeded
    scard.hang = True
    await reader.applications()
    again = await reader.wait_for_card(SOON)
    assert (again.completion, again.error) == (Completion.HARDWARE_ERROR, "cardSilent")
    assert len(scard.sent) == 1


async def test_whoever_cancels_does_not_leave_the_card_powered(channel, scard):
    await channel.power_on()
    scard.hang = True
    sending = asyncio.create_task(channel.transmit(SELECT))
    await asyncio.to_thread(scard.hangs.wait)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await channel.power_off()
    scard.hang = False
    scard.released.set()
    await channel.power_on()
    powering = [call for call in scard.calls if call in {"SCardDisconnect", "SCardConnect"}]
    assert powering == ["SCardConnect", "SCardDisconnect", "SCardConnect"]


async def test_a_defect_does_not_end_the_watch(reader, scard, caplog):
    scard.results["SCardGetStatusChange"] = "no number at all"
    assert (await reader.status()).device is DeviceState.NO_DEVICE
    assert "pcsc.monitor_failed" in caplog.text
    del scard.results["SCardGetStatusChange"]
    await eventually(lambda: state(reader), DeviceState.ONLINE)


HANGS = """
import asyncio
from devices.pcsc.channel import PcscChannel
from devices.pcsc.library import Library
from tests.devices.scard_double import READER, ScardDouble

async def main():
    scard = ScardDouble()
    scard.hang = True
    channel = PcscChannel(READER, Library(scard))
    await channel.power_on()
    sending = asyncio.create_task(channel.transmit(bytes.fromhex("00A4040000")))
    await asyncio.to_thread(scard.hangs.wait)
    await channel.close()
    print("closed", flush=True)

asyncio.run(main())
"""


async def test_a_process_ends_although_a_card_hangs():
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HANGS), cwd=root, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(SOON):
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert (told, process.returncode) == (b"closed\n", 0)


async def test_after_close_nobody_waits(channel, scard):
    await channel.present()
    waiting = asyncio.create_task(channel.wait_for_removal())
    await asyncio.sleep(0)
    await channel.close()
    result = await asyncio.gather(waiting, return_exceptions=True)
    assert "closed" in str(result[0])
    assert scard.calls[-1] == "SCardReleaseContext"


async def test_a_channel_that_was_never_used_closes(scard):
    await PcscChannel(READER, Library(scard)).close()
    assert scard.calls == []
