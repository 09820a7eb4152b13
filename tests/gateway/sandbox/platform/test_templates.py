"""What the platform and its scripted bank write fits their own tables, and the official schemas where these are."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from gateway.sandbox.platform import messages, structure, templates
from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken
from gateway.sandbox.platform.structure import SCHEMAS
from gateway.sandbox.platform.templates import Agents, Order, Told

BESIDE_THE_CHECKOUT = Path(__file__).parents[5] / "shared" / "iso20022"
AT = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
AGENTS = Agents("AAAAKZKA", "NPCKKZKA")
IBAN = "KZ86125KZT5004100100"
ORDER = Order("E-1", "T-1", 150_000, AT, "AAAAKZKA", IBAN, "BBBAKZKA", IBAN, "Қазақ <дүкені> & Co")
DETAILS = (
    *(("AMOUNT", "1500.00"), ("CURRENCY", "KZT"), ("CDTR_NAME", "Қазақ <дүкені>"), ("CDTR_IBAN", IBAN)),
    *(("CDTR_BIN", "990240000010"), ("CDTR_BIC", "BBBAKZKA"), ("KNP", "710")),
    ("EXPIRES_AT", "2026-11-22T14:25:09+05:00"),
)
WRITTEN = {
    "admi.009.001.02": templates.enquiry(msg_id="M-1", end_to_end_id="E-1", link_id="BBB-1"),
    "admi.010.001.02": templates.report(
        msg_id="M-1", end_to_end_id="E-1", tp="C2B2E", key="PAYMENT", said=DETAILS
    ),
    "pacs.008.001.11": templates.order(ORDER, msg_id="M-1", at=AT, agents=AGENTS),
    "pacs.002.001.13": templates.status(
        Told("E-1", "T-1", "RJCT", "M-0", reason="AC04", query="Q-1"), msg_id="M-1", at=AT, agents=AGENTS
    ),
    "pacs.028.001.05": templates.investigation(
        end_to_end_id="E-1", tx_id="T-1", msg_id="M-1", at=AT, agents=AGENTS
    ),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_is_written_is_read_again(kind: str) -> None:
    structure.check(WRITTEN[kind], SCHEMAS[kind])
    message = messages.read(messages.identify(WRITTEN[kind], kind))
    assert (message.msg_id, message.end_to_end_id) == ("M-1", "E-1")


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_hop_differs_in_its_head_alone(kind: str) -> None:
    hop = templates.next_hop(WRITTEN[kind], kind, msg_id="M-2", at=AT, agents=Agents("NPCKKZKA", "BBBAKZKA"))
    before = [(one.tag, one.text) for one in WRITTEN[kind].iter()]
    changed = [tag for (tag, text), one in zip(before, hop.iter(), strict=True) if one.text != text]
    names = {etree.QName(tag).localname for tag in changed}
    assert names == ({"MsgId"} if kind.startswith("admi") else {"MsgId", "BICFI"})


@pytest.mark.parametrize("kind", WRITTEN)
def test_the_official_schema_takes_what_is_written(kind: str) -> None:
    etree.XMLSchema(etree.parse(_schema(kind))).assertValid(WRITTEN[kind])


@pytest.mark.parametrize("kind", WRITTEN)
def test_an_element_less_or_twice_is_refused_exactly_where_the_schema_refuses_it(kind: str) -> None:
    schema = etree.XMLSchema(etree.parse(_schema(kind)))
    disagree = []
    for place, _ in enumerate(WRITTEN[kind].iter()):
        for change in (_without, _twice, _renamed, _emptied):
            copy = etree.fromstring(etree.tostring(WRITTEN[kind]))
            element = list(copy.iter())[place]
            if element is copy or _opaque(element) or not change(element):
                continue
            if _fits(copy, kind) is not schema.validate(copy):
                disagree.append((change.__name__, element.tag))
    assert disagree == []


def _fits(root: etree._Element, kind: str) -> bool:
    try:
        structure.check(root, SCHEMAS[kind])
        messages.identify(root, kind)
    except TransferRuleBroken as broken:
        return broken.rule is not TransferRule.STRUCTURE
    return True


def _without(element: etree._Element) -> bool:
    element.getparent().remove(element)
    return True


def _twice(element: etree._Element) -> bool:
    element.addnext(etree.fromstring(etree.tostring(element)))
    return True


def _renamed(element: etree._Element) -> bool:
    element.tag += "X"
    return True


def _emptied(element: etree._Element) -> bool:
    if not len(element):
        element.text = None
    return not len(element)


def _opaque(element: etree._Element) -> bool:
    """What `structure` takes as it comes."""
    around = {etree.QName(one).localname for one in element.iterancestors()}
    return bool(around & {"Dbtr", "Cdtr", "InstrForNxtAgt", "Purp"})


def _schema(kind: str) -> Path:
    folder = Path(os.environ.get("TOLEM_ISO20022_SCHEMAS", BESIDE_THE_CHECKOUT))
    if not folder.is_dir():
        pytest.skip("no ISO 20022 schemas: set TOLEM_ISO20022_SCHEMAS to a folder of *.xsd")
    return folder / f"{kind}.xsd"
