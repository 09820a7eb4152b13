"""No card, however broken or malicious, gets an exception past the reader or a wrong cardholder out of it."""

import asyncio
import os
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.emulators.card import VirtualCard
from devices.emulators.card_files import throw_contents
from devices.emulators.card_slot import VirtualSlot
from devices.emv.reader import EmvReader
from devices.interfaces import Application, Completion, Purchase

PURCHASE = Purchase(100, "398", "398", "261122", bytes(4))
CONTENTS = throw_contents(os.urandom, expiry_yymm="4912")


class BentCard(VirtualCard):
    """Answers as `bend` makes of the true answer."""

    def __init__(self, bend):
        super().__init__(CONTENTS)
        self._bend = bend

    def respond(self, apdu):
        return self._bend(super().respond(apdu))


async def pay(card):
    slot = VirtualSlot(auto_card=card)
    reader = EmvReader(slot, today=lambda: date(2026, 11, 22))
    results = [await reader.wait_for_card(1)]
    results.append(await reader.applications())
    chosen = (results[-1].value or [Application(b"\xa0\x00\x00\x00\x03\x10\x10", "", 1)])[0]
    results.append(await reader.open_application(chosen))
    results.append(await reader.authorise(PURCHASE))
    return results


def check(results):
    for result in results:
        assert result.succeeded or result.completion in {
            Completion.COMMAND_ERROR,
            Completion.DEVICE_NOT_READY,
        }
        assert CONTENTS.pan not in result.detail


@given(st.data())
def test_any_answers_at_all_are_results(data):
    answers = st.binary(max_size=40) | st.binary(max_size=40).map(lambda some: some + b"\x90\x00")
    check(asyncio.run(pay(BentCard(lambda _: data.draw(answers)))))


@settings(max_examples=200)
@given(st.integers(1, 8), st.data())
def test_one_bent_byte_never_makes_another_cardholder(turn, data):
    count = iter(range(1, 100))

    def bend(answer):
        if next(count) != turn:
            return answer
        at = data.draw(st.integers(0, len(answer) - 1))
        return answer[:at] + data.draw(st.binary(max_size=2)) + answer[at + 1 :]

    results = asyncio.run(pay(BentCard(bend)))
    check(results)
    opened = results[2]
    assert not opened.succeeded or opened.value == CONTENTS.pan
