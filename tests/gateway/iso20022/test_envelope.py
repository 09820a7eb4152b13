"""Sender, identifiers and header are judged before the fields are, so they are read even from a bad message."""

from dataclasses import replace

import pytest

from gateway.iso20022.envelope import Envelope, check_header
from gateway.iso20022.errors import HeaderError
from gateway.iso20022.messages import DEFINITIONS, build, kind_of
from tests.gateway.iso20022.samples import END_TO_END_ID, MSG_ID, ORDER, REQUEST, SAMPLES, TX_ID

CHAINED = {name: message for name, message in SAMPLES.items() if name != "admi_002"}
ENVELOPE = Envelope(kind="pacs.008.001.11", msg_id=MSG_ID, end_to_end_id=END_TO_END_ID)


@pytest.mark.parametrize("message", CHAINED.values(), ids=CHAINED.keys())
def test_every_message_of_a_chain_has_an_envelope(message):
    kind = kind_of(message)
    envelope = DEFINITIONS[kind].check(build(message)).envelope
    assert (envelope.kind, envelope.msg_id, envelope.end_to_end_id) == (kind, MSG_ID, END_TO_END_ID)
    assert envelope.tx_id == (TX_ID if kind.startswith("pacs") else None)
    assert envelope.instructing_bic == getattr(message, "instructing_bic", None)
    assert envelope.instructed_bic == getattr(message, "instructed_bic", None)


def test_an_envelope_is_read_where_the_fields_are_wrong():
    root = build(ORDER)
    root[0][1].find("{*}PmtId/{*}EndToEndId").text = "not ours!"
    root[0][0].find("{*}NbOfTxs").text = "7"
    assert DEFINITIONS["pacs.008.001.11"].check(root).envelope.end_to_end_id == "not ours!"


def test_a_question_without_a_mark_has_no_end_to_end_id():
    root = build(REQUEST)
    root[0].remove(root[0][-1])
    envelope = DEFINITIONS["admi.009.001.02"].check(root).envelope
    assert envelope.end_to_end_id is None
    with pytest.raises(HeaderError):
        check_header([END_TO_END_ID], envelope)


def test_a_header_that_says_what_the_body_says_is_right():
    check_header([END_TO_END_ID], ENVELOPE)


@pytest.mark.parametrize("values", [[], [""]])
def test_no_header_is_400(values):
    with pytest.raises(HeaderError) as refused:
        check_header(values, ENVELOPE)
    assert (refused.value.http_status, refused.value.code) == (400, "header_missing")


@pytest.mark.parametrize(
    "values",
    [[END_TO_END_ID.lower()], [END_TO_END_ID + " "], [MSG_ID], [END_TO_END_ID, MSG_ID], [END_TO_END_ID, ""]],
)
def test_a_header_that_contradicts_the_body_is_422(values):
    with pytest.raises(HeaderError) as refused:
        check_header(values, ENVELOPE)
    assert (refused.value.http_status, refused.value.code) == (422, "header_differs")


def test_a_header_is_never_right_without_an_id_in_the_body():
    with pytest.raises(HeaderError):
        check_header(["None"], replace(ENVELOPE, end_to_end_id=None))
