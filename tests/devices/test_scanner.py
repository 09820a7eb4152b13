import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.emulators.scanner import EmulatedScanner
from devices.emulators.terminals import PseudoTerminal
from devices.interfaces import Completion, DeviceState
from devices.scanner.frames import LONGEST_CODE, CodeReader, Damaged, Scanned
from devices.scanner.scanner import MOST_WAITING, SerialScanner
from devices.serial_port import SerialPort

SOON = 20.0  # a deadline that a working test never reaches
CODES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@pytest.fixture
async def emulator():
    async with EmulatedScanner(PseudoTerminal()) as emulator:
        yield emulator


@pytest.fixture
async def scanner(emulator):
    scanner = SerialScanner(SerialPort(emulator.path))
    assert (await scanner.status()).device is DeviceState.ONLINE
    yield scanner
    await scanner.close()


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("split", [False, True])
async def test_a_code_is_read_however_it_ends_and_arrives(emulator, scanner, end, split):
    emulator.faults.end, emulator.faults.split = end, split
    for code in ("5901234567890", "https://pay.example/ABC-қазақша"):
        await emulator.scan(code)
        assert (await scanner.read(SOON)).value == code


async def test_codes_that_came_while_nobody_read_wait_in_their_order(emulator, scanner):
    codes = [f"code {number}" for number in range(MOST_WAITING)]
    for code in codes:
        await emulator.scan(code)
    assert [(await scanner.read(SOON)).value for _ in codes] == codes


async def test_noise_spoils_its_own_code_and_no_other(emulator, scanner):
    emulator.faults.noise = b"\x00\xff"
    await emulator.scan("1234")
    emulator.faults.noise = b""
    await emulator.scan("5678")
    assert (await scanner.read(SOON)).value == "5678"


async def test_nobody_who_scans_is_a_time_out(scanner):
    assert (await scanner.read(0.01)).completion is Completion.TIME_OUT


async def test_whether_it_is_well_is_unknown_until_it_has_read_something(emulator, scanner):
    assert (await scanner.status()).measured == {"scanner": "unknown"}
    await emulator.scan("1")
    await scanner.read(SOON)
    assert (await scanner.status()).measured == {"scanner": "operational"}


async def test_a_scanner_that_is_pulled_is_lost_and_comes_back(tmp_path):
    async with EmulatedScanner(PseudoTerminal(tmp_path / "scanner")) as emulator:
        scanner = SerialScanner(SerialPort(emulator.path))
        await scanner.status()
        reading = asyncio.create_task(scanner.read(SOON))
        await asyncio.sleep(0)
        emulator.unplug()
        assert (await reading).completion is Completion.CONNECTION_LOST
        assert (await scanner.status()).device is DeviceState.POWER_OFF
        emulator.plug()
        assert (await scanner.status()).device is DeviceState.ONLINE
        await emulator.scan("back")
        assert (await scanner.read(SOON)).value == "back"
        await scanner.close()


async def test_what_is_scanned_is_in_no_repr_and_no_frame(emulator):
    class Witness:
        said = ""

        def frame(self, masked):
            self.said += masked

        def status_told(self, status):
            self.said += repr(status)

        def result_told(self, result):
            pass

    witness = Witness()
    scanner = SerialScanner(SerialPort(emulator.path), witness=witness)
    await scanner.status()
    await emulator.scan("7011234567")
    await scanner.read(SOON)
    await scanner.status()
    await scanner.close()
    assert "10 characters" in witness.said
    assert "7011234567" not in witness.said


def split(data, cuts):
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(st.lists(CODES), st.lists(st.integers(min_value=0)), st.sampled_from([b"\r", b"\n", b"\r\n"]))
def test_any_split_and_join_gives_the_same_codes(codes, cuts, end):
    data = b"".join(code.encode() + end for code in codes)
    reader = CodeReader()
    found = [event for piece in split(data, cuts) for event in reader.feed(piece)]
    assert found == [Scanned(code) for code in codes]


@given(st.binary(max_size=200), CODES)
def test_no_noise_raises_and_the_next_code_is_read(noise, code):
    reader = CodeReader()
    reader.feed(noise + b"\r")
    assert reader.feed(code.encode() + b"\r") == [Scanned(code)]


def test_a_code_longer_than_any_is_dropped_whole():
    reader = CodeReader()
    assert reader.feed(b"1" * (LONGEST_CODE + 1)) == []
    assert reader.feed(b"23\r45\r") == [Damaged("longer than any code"), Scanned("45")]
