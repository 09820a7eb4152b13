"""Every message goes out as the official schema and another reader want it, and comes back as it was."""

import doctest
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyiso20022.admi import admi_009_001_02, admi_010_001_02
from pyiso20022.pacs import pacs_002_001_13, pacs_008_001_11, pacs_028_001_05
from xsdata.formats.dataclass.parsers import XmlParser

from gateway.iso20022 import codes, datatypes, document, formats, identifiers, messages
from gateway.iso20022.errors import UnsendableMessageError
from gateway.iso20022.messages import DEFINITIONS, Message, build, kind_of
from gateway.money import LARGEST_MINOR, Amount
from tests.gateway.iso20022.official import Official
from tests.gateway.iso20022.samples import (
    ALMATY,
    FULL_DETAILS,
    FULL_ORDER,
    FULL_STATUS,
    NOW,
    ORDER,
    REPORT,
    REQUEST,
    SAMPLES,
    STATUS,
)

NO_OFFICIAL_SCHEMA = "admi.002.001.01"
ANOTHER_READER = {
    "admi.009.001.02": admi_009_001_02.Document,
    "admi.010.001.02": admi_010_001_02.Document,
    "pacs.002.001.13": pacs_002_001_13.Document,
    "pacs.008.001.11": pacs_008_001_11.Document,
    "pacs.028.001.05": pacs_028_001_05.Document,
}

WIRES = Path(__file__).parents[2] / "wires" / "transfers"

every_sample = pytest.mark.parametrize("message", SAMPLES.values(), ids=SAMPLES.keys())


def sent_and_read(message: Message) -> Message:
    return DEFINITIONS[kind_of(message)].parse(document.parse(document.serialise(build(message))))


@pytest.mark.parametrize("module", [codes, datatypes, formats, identifiers, messages])
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@every_sample
def test_a_message_comes_back_as_it_was_built(message):
    assert sent_and_read(message) == message


@pytest.mark.parametrize("name", SAMPLES)
def test_a_message_is_built_as_it_was_recorded(name):
    assert document.serialise(build(SAMPLES[name])) == (WIRES / f"to_platform_{name}.xml").read_bytes()


@every_sample
def test_the_official_schema_accepts_what_we_build(message, official_of: Callable[[str], Official]):
    if kind_of(message) != NO_OFFICIAL_SCHEMA:
        official_of(kind_of(message)).schema.assertValid(build(message))


@every_sample
def test_another_reader_understands_what_we_build(message):
    reader = ANOTHER_READER.get(kind_of(message))
    if reader is None:
        assert kind_of(message) == NO_OFFICIAL_SCHEMA  # it has another name there; ours is PROTOCOLS §3.2's
        return
    (content,) = vars(XmlParser().from_bytes(document.serialise(build(message)), reader)).values()
    assert getattr(content, "grp_hdr", content).msg_id == message.msg_id


def lines(longest: int) -> st.SearchStrategy[str]:
    spoken = st.sampled_from("әғқңөұүһіӘҒҚҢӨҰҮҺІ₸«»& <>\"'йЁzZ09-/")
    return st.text(st.one_of(spoken, st.characters(codec="utf-8")), min_size=1, max_size=longest).filter(
        lambda text: formats.line(longest).pattern.fullmatch(text) is not None
    )


amounts = st.integers(1, LARGEST_MINOR).map(Amount)
instants = st.datetimes(
    datetime(2000, 1, 2),  # noqa: DTZ001 - hypothesis adds the time zone
    datetime(2199, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([ALMATY, UTC]),
)
maybe_line = st.none() | lines(140)


@given(amounts, instants, maybe_line, maybe_line, st.none() | lines(500))
def test_any_order_comes_back_as_it_was_built_and_satisfies_the_schema(
    assert_iso_allows, amount, instant, debtor_name, creditor_name, purpose
):
    order = replace(
        FULL_ORDER,
        amount=amount,
        created_at=instant,
        accepted_at=instant + timedelta(seconds=1),
        debtor_name=debtor_name,
        creditor_name=creditor_name,
        purpose=purpose,
    )
    assert sent_and_read(order) == order
    assert_iso_allows(kind_of(order), build(order))


@given(amounts, lines(140), st.none() | lines(350), st.none() | lines(350))
def test_any_details_come_back_as_they_were_built_and_satisfy_the_schema(
    assert_iso_allows, amount, creditor_name, purpose, order_id
):
    details = replace(
        FULL_DETAILS, amount=amount, creditor_name=creditor_name, purpose=purpose, order_id=order_id
    )
    report = replace(REPORT, report=details)
    assert sent_and_read(report) == report
    assert_iso_allows(kind_of(report), build(report))


@pytest.mark.parametrize(
    ("message", "place"),
    [
        (replace(REQUEST, msg_id="x" * 36), "MsgId"),
        (replace(REQUEST, link_id="short"), "DataReqDtls/Key"),
        (replace(REQUEST, end_to_end_id="spaced out"), "SplmtryData"),
        (replace(REPORT, report=replace(FULL_DETAILS, creditor_name="two\nlines")), "CDTR_NAME"),
        (replace(REPORT, report=replace(FULL_DETAILS, creditor_iban="KZ00999ABC0000000001")), "CDTR_IBAN"),
        (replace(ORDER, amount=Amount(0)), "IntrBkSttlmAmt"),
        (replace(ORDER, created_at=NOW.replace(tzinfo=None)), "CreDtTm"),
        (replace(ORDER, debtor_iin_bin="900101300107"), "Dbtr/Id"),
        (replace(ORDER, tx_id=None), "TxId"),
        (replace(FULL_STATUS, reason=None), "StsRsnInf/Rsn/Cd"),
        (replace(STATUS, status="ACCC"), "TxSts"),
    ],
)
def test_a_message_of_ours_that_breaks_a_rule_is_not_built(message, place):
    with pytest.raises(UnsendableMessageError, match=place):
        build(message)


def test_a_message_larger_than_anyone_reads_is_not_sent():
    with pytest.raises(UnsendableMessageError, match="65536"):
        document.serialise(build(replace(ORDER, purpose="ә" * 40_000)))


def test_what_is_built_twice_has_the_same_bytes():
    assert document.serialise(build(FULL_ORDER)) == document.serialise(build(FULL_ORDER))
