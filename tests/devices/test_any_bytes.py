"""Whatever comes down a line: a driver answers with a result, and never takes what is wrong for right."""

import asyncio
import contextlib
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.emulators.card import VirtualCard
from devices.emulators.card_files import throw_contents
from devices.emulators.card_slot import VirtualSlot
from devices.emulators.vpcd import VpcdReader
from devices.escpos import conditions, opcodes
from devices.escpos.printer import EscposPrinter, PrinterTimers
from devices.interfaces import Completion, DeviceState
from devices.visa_pad.frames import Envelope, Frame, encode
from devices.visa_pad.link import PadTimers
from devices.visa_pad.pinpad import VisaPad

PAN = "4012345678909"  # ANSI X9.24-1:2009, annex A.4
BLOCK = "1B9C1845EB993A7A"
ANSWER = encode(Frame(Envelope.TEXT, b"7109876543210E00001" + BLOCK.encode()))
BRIEF = PadTimers(0.002, 0.002, 0.002, 0.002, 0.001)
PROOF = opcodes.proof(b"ABCD")
WELL = b"\x12"


class Line:
    """A port on which these pieces come, one a read, whatever is said; then silence."""

    def __init__(self, pieces):
        self.pieces = list(pieces)
        self.written = b""

    async def open(self):
        pass

    async def write(self, data, deadline_seconds):
        self.written += data

    async def read(self, deadline_seconds, most=4096):
        if not self.pieces:
            await asyncio.sleep(deadline_seconds)
            return b""
        piece = self.pieces.pop(0)
        if len(piece) > most:
            self.pieces.insert(0, piece[most:])
        return piece[:most]

    async def flush_input(self):
        pass

    async def close(self):
        pass


def pieces_of(stream):
    """Any split of a stream into pieces that are not empty."""
    return st.lists(st.integers(0, len(stream)), max_size=8).map(
        lambda cuts: [stream[a:b] for a, b in pairwise([0, *sorted(cuts), len(stream)]) if b > a]
    )


def bent(valid):
    """A valid stream with bytes lost, doubled, changed and put in."""
    edits = st.lists(
        st.tuples(st.integers(0, len(valid)), st.sampled_from("dxri"), st.integers(0, 255)), max_size=4
    )

    def apply(changes):
        data = bytearray(valid)
        for wanted, how, byte in changes:
            at = min(wanted, len(data))
            data[at : at + (how in "dr")] = {"d": b"", "x": data[at : at + 1] * 2, "r": [byte], "i": [byte]}[
                how
            ]
        return bytes(data)

    return edits.map(apply)


@settings(max_examples=150)
@given(bent(b"\x06" + ANSWER + b"\x04").flatmap(pieces_of))
def test_a_bent_pin_answer_is_the_block_that_was_sent_or_none(pieces):
    async def ask():
        pad = VisaPad(Line(pieces), timers=BRIEF)
        return await pad.enter_pin(pan=PAN, amount_text="1545.00", deadline_seconds=0.004)

    result = asyncio.run(ask())
    sent_whole = ANSWER in b"".join(pieces)
    assert not result.succeeded or (sent_whole and result.value.block.hex().upper() == BLOCK)


@settings(max_examples=100)
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_any_bytes_at_all_leave_a_pad_usable(pieces):
    async def use():
        pad = VisaPad(Line(pieces), timers=BRIEF)
        status = await pad.status()
        results = [
            await pad.show(["x"]),
            await pad.self_test(),
            await pad.serial_number(),
            await pad.key_present(1),
        ]
        return status, results

    status, results = asyncio.run(use())
    assert isinstance(status.device, DeviceState)
    assert all(isinstance(result.completion, Completion) for result in results)


@settings(max_examples=150)
@given(bent(WELL * 4 + PROOF).flatmap(pieces_of))
def test_a_job_is_printed_only_if_its_proof_came_whole(pieces):
    async def print_one():
        printer = EscposPrinter(Line(pieces), timers=PrinterTimers(0.002), random=lambda _: b"\x12\x34")
        return await printer.print_receipt(b"job", 0.004)

    result = asyncio.run(print_one())
    assert not result.succeeded or PROOF in b"".join(pieces)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6))
def test_any_bytes_at_all_are_a_status_and_silence_is_never_online(pieces):
    async def ask():
        return await EscposPrinter(Line(pieces), timers=PrinterTimers(0.002)).status()

    status = asyncio.run(ask())
    answers = [byte for piece in pieces for byte in piece if conditions.is_status_byte(byte)]
    assert status.device is not DeviceState.ONLINE or len(answers) >= len(conditions.GROUPS)


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=30), max_size=6), st.lists(st.integers(1, 8), max_size=6))
def test_a_reader_that_says_anything_at_all_leaves_the_virtual_card_in(messages, sizes):
    """vpcd's frames: a length of two bytes, then that much; in any pieces."""
    stream = b"".join(len(message).to_bytes(2, "big") + message for message in messages)

    async def converse():
        slot = VirtualSlot()
        slot.insert(VirtualCard(throw_contents(bytes, expiry_yymm="4912")))
        served, wild = asyncio.Event(), [stream]

        async def vpcd(reader, writer):
            """Wild the first time, and then one that asks what every reader asks."""
            rest = wild.pop() if wild else b""
            for size in [*sizes, len(stream) or 1]:
                writer.write(rest[:size])
                rest = rest[size:]
                await asyncio.sleep(0)
            writer.write((1).to_bytes(2, "big") + b"\x04")
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while not served.is_set():
                    length = int.from_bytes(await reader.readexactly(2), "big")
                    if await reader.readexactly(length) == slot.card.atr:
                        served.set()
            writer.transport.abort()

        class Pcscd:
            async def start(self):
                self.server = await asyncio.start_server(vpcd, "127.0.0.1", 0)
                self.port = self.server.sockets[0].getsockname()[1]

            async def close(self):
                self.server.close()

        async with VpcdReader(slot, Pcscd()), asyncio.timeout(10):
            await served.wait()

    asyncio.run(converse())
