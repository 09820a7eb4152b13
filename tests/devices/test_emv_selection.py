import os
from dataclasses import replace
from datetime import date

import pytest

from devices.emulators.card import VirtualCard
from devices.emulators.card_files import CREDIT, DEBIT, Directory, throw_contents
from devices.emulators.card_slot import VirtualSlot
from devices.emv.application import record_numbers
from devices.emv.faults import CardFaultError
from devices.emv.reader import EmvReader
from devices.emv.schemes import scheme_of
from devices.emv.selection import candidates, directory_entries, directory_file, selected
from devices.emv.tags import Tag
from devices.emv.tlv import build
from devices.interfaces import Application

VISA, MASTERCARD = CREDIT.aid, DEBIT.aid


def entry(*elements):
    return build((Tag.DIRECTORY_ENTRY, build(*elements)))


def test_entries_are_read_in_the_cards_order():
    data = build(
        (
            Tag.RECORD,
            entry((Tag.AID, MASTERCARD), (Tag.LABEL, b"DEBIT "), (Tag.PRIORITY, b"\x82"))
            + entry((Tag.AID, VISA)),
        )
    )
    assert directory_entries(data) == [
        Application(MASTERCARD, "DEBIT", 2),
        Application(VISA, "Visa", 16),
    ]


def test_an_application_names_itself_by_its_df_name():
    fci = build((Tag.FCI, build((Tag.DF_NAME, VISA), (Tag.PRIORITY, b"\x01"))))
    assert selected(fci) == Application(VISA, "Visa", 1)


def test_a_label_that_cannot_be_shown_gives_way_to_the_schemes_name():
    assert directory_entries(entry((Tag.AID, VISA), (Tag.LABEL, b"\x1b[2J")))[0].label == "Visa"


def test_candidates_are_ours_once_each_and_by_priority():
    first, second, none = (
        Application(VISA, "A", 1),
        Application(MASTERCARD, "B", 2),
        Application(b"\xf0", "", 1),
    )
    assert candidates([second, none, first, second]) == [first, second]


def test_an_application_without_priority_comes_last():
    without = directory_entries(entry((Tag.AID, VISA), (Tag.LABEL, b"A")))
    assert candidates([*without, Application(MASTERCARD, "B", 15)])[-1].aid == VISA


def test_the_issuers_own_digits_may_follow_a_schemes():
    assert scheme_of(VISA + b"\x01").name == "Visa"
    assert scheme_of(VISA[:-1]) is None


@pytest.mark.parametrize(("sfi", "expected"), [(b"\x01", 1), (b"\x0a", 10), (b"\x00", None), (b"\x0b", None)])
def test_a_directory_is_one_of_ten_files(sfi, expected):
    assert directory_file(build((Tag.FCI, build((Tag.SFI, sfi))))) == expected


def test_records_come_in_the_order_of_the_locator():
    assert record_numbers(bytes.fromhex("08010200 18030300")) == [(1, 1), (1, 2), (3, 3)]


def test_files_of_the_scheme_itself_are_not_read():
    assert record_numbers(bytes.fromhex("58010100 08010100")) == [(1, 1)]


@pytest.mark.parametrize("afl", ["0801", "08000100", "08020100", "0801FF00"])
def test_a_malformed_locator_is_a_protocol_error(afl):
    with pytest.raises(CardFaultError):
        record_numbers(bytes.fromhex(afl))


class Watched(VirtualSlot):
    def __init__(self, card):
        super().__init__(auto_card=card)
        self.selects = []

    async def transmit(self, apdu):
        if apdu[1] == 0xA4:
            self.selects.append(apdu[5:-1])
        return await super().transmit(apdu)


@pytest.mark.parametrize(
    ("directory", "selects"),
    [
        (Directory.PPSE, [b"2PAY.SYS.DDF01"]),
        (Directory.PSE, [b"2PAY.SYS.DDF01", b"1PAY.SYS.DDF01"]),
        (Directory.NONE, [b"2PAY.SYS.DDF01", b"1PAY.SYS.DDF01", VISA]),
    ],
)
async def test_names_are_tried_only_where_no_directory_lists_them(directory, selects):
    contents = replace(throw_contents(os.urandom, expiry_yymm="4912"), directory=directory)
    slot = Watched(VirtualCard(contents))
    reader = EmvReader(slot, today=lambda: date(2026, 11, 22))
    await reader.wait_for_card(5)
    assert [found.aid for found in (await reader.applications()).value] == [VISA]
    assert slot.selects[: len(selects)] == selects
    assert directory is Directory.NONE or len(slot.selects) == len(selects)


async def test_two_applications_of_one_scheme_are_both_found_by_name():
    twins = (replace(CREDIT, aid=VISA + b"\x01"), replace(CREDIT, aid=VISA + b"\x02", label="SECOND"))
    contents = throw_contents(os.urandom, expiry_yymm="4912")
    contents = replace(contents, directory=Directory.NONE, applications=twins)
    reader = EmvReader(VirtualSlot(auto_card=VirtualCard(contents)), today=lambda: date(2026, 11, 22))
    await reader.wait_for_card(5)
    assert [found.aid[-1] for found in (await reader.applications()).value] == [1, 2]
