import asyncio
import sys

import pytest

from devices.pcsc import library as pcsc_library
from devices.pcsc.hresults import PcscError
from devices.pcsc.library import CardHandle, Library, MissingLibraryError
from tests.devices.scard_double import ScardDouble

SELECT = bytes.fromhex("00A4040003A1B2C300")


async def test_no_call_runs_on_the_loops_thread():
    scard = ScardDouble()
    library = Library(scard)
    with pytest.raises(AssertionError, match="SCardEstablishContext blocks"):
        library.establish()
    assert scard.calls == []
    assert await asyncio.to_thread(library.establish) == 7


def test_a_result_is_unsigned_wherever_we_run():
    with pytest.raises(PcscError) as caught:
        Library(ScardDouble(SCardConnect=0x8010000C)).connect(7, "Double 00 00")
    assert (caught.value.hresult, str(caught.value)) == (0x8010000C, "PC/SC 8010000C")


@pytest.mark.parametrize(("protocol", "sent"), [(1, (100, SELECT[:-1])), (2, (200, SELECT))])
def test_each_protocol_gets_the_command_that_it_knows(protocol, sent):
    scard = ScardDouble()
    assert Library(scard).transmit(CardHandle(9, protocol), SELECT) == b"\x90\x00"
    assert scard.sent == [sent]


def test_what_stands_in_the_answer_of_a_failed_call_reaches_nobody():
    scard = ScardDouble(SCardTransmit=0x80100016)
    scard.answer = [1, 2, 3, 4]
    with pytest.raises(PcscError) as caught:
        Library(scard).transmit(CardHandle(9, 2), SELECT)
    assert caught.value.args == ("PC/SC 80100016",)


def test_no_reader_is_an_empty_list():
    assert Library(ScardDouble(SCardListReaders=0x8010002E)).readers(7) == []


@pytest.mark.parametrize("result", [0x8010000A, 0x80100002, 0x80100009], ids=["time", "cancel", "gone"])
def test_a_watch_that_ends_without_a_change_tells_what_was_known(result):
    known = {"Double 00 00": 0x20}
    assert Library(ScardDouble(SCardGetStatusChange=result)).changes(7, known, seconds=0) == known


def test_without_pyscard_it_is_said_what_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    with pytest.raises(MissingLibraryError, match=r"needs pyscard.*libpcsclite-dev"):
        pcsc_library.load()
