"""A reason has its text in three languages, and so has a reason that nobody listed."""

import pytest

from gateway.iso20022 import formats
from gateway.iso20022.codes import NARRATIVE, REASONS, reason_of

PROTOCOLS = [
    *(
        "AB03",
        "AB05",
        "AB06",
        "AB08",
        "AC01",
        "AC03",
        "AC04",
        "AC06",
        "AG01",
        "AM02",
        "AM03",
        "AM04",
        "AM05",
        "AM09",
    ),
    *("BE04", "DT01", "DU03", "DU04", "ED05", "FF01", "FR01", "MS03", "NARR", "RC01", "RR04", "TM01"),
]


def test_the_table_is_that_of_protocols():
    assert [*REASONS] == PROTOCOLS


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS.keys())
def test_a_reason_can_be_sent_and_said_in_three_languages(reason):
    assert formats.REASON.value_of(reason.code) == reason.code
    assert len(set(reason.text)) == 3
    assert all(formats.REASON_TEXT.value_of(text) for text in reason.text)


def test_a_code_without_a_row_keeps_its_code_and_is_told_as_a_narrative():
    assert reason_of("ZZ99").code == "ZZ99"
    assert reason_of("ZZ99").text == REASONS[NARRATIVE].text
