"""A refusal of the structure names the place, and quotes nothing; a signature is looked past."""

from copy import deepcopy
from random import Random

import pytest
from lxml import etree

from gateway.iso20022.document import SIGNATURE, signed_content_digest
from gateway.iso20022.errors import LONGEST_TEXT, StructureError
from gateway.iso20022.messages import DEFINITIONS, build, kind_of
from tests.gateway.iso20022.mutations import is_unseen
from tests.gateway.iso20022.samples import FULL_ORDER, ORDER, REQUEST, SAMPLES


def accepts(kind: str, root: etree._Element) -> bool:
    try:
        DEFINITIONS[kind].check(root)
    except StructureError:
        return False
    return True


def _signed(before: str, after: str) -> etree._Element:
    content = f"<StatcDataReq/>{before}<s:Signature xmlns:s='http://www.w3.org/2000/09/xmldsig#'/>{after}"
    return etree.fromstring(f"<Document>{content}</Document>")


def test_a_signature_stands_behind_the_message_and_nowhere_else():
    for position in (0, 1):
        root = build(REQUEST)
        root.insert(position, etree.Element(SIGNATURE))
        assert accepts(kind_of(REQUEST), root) is (position == 1)


def test_the_digest_of_what_was_signed_does_not_know_the_signature():
    root = build(FULL_ORDER)
    unsigned = signed_content_digest(root)
    etree.SubElement(root, SIGNATURE).text = "one"
    assert signed_content_digest(root) == unsigned
    assert len(root) == 2
    root[1].text = "another"
    assert signed_content_digest(root) == unsigned
    root[0][0][0].text = "x"
    assert signed_content_digest(root) != unsigned


def test_the_digest_keeps_the_space_around_a_signature():
    assert signed_content_digest(_signed("\n", " ")) == signed_content_digest(
        etree.fromstring("<Document><StatcDataReq/>\n </Document>")
    )


def _refusal(kind: str, root: etree._Element) -> StructureError:
    with pytest.raises(StructureError) as refused:
        DEFINITIONS[kind].check(root)
    return refused.value


@pytest.mark.parametrize(
    ("break_it", "path", "why"),
    [
        (lambda tx: tx.remove(tx[0]), "FIToFICstmrCdtTrf/CdtTrfTxInf", "lacks PmtId"),
        (lambda tx: tx[0].remove(tx[0][0]), "FIToFICstmrCdtTrf/CdtTrfTxInf/PmtId", "lacks EndToEndId"),
        (lambda tx: tx.append(deepcopy(tx[0])), "FIToFICstmrCdtTrf/CdtTrfTxInf", "its child 12 is unknown"),
        (lambda tx: tx.insert(1, deepcopy(tx[0])), "FIToFICstmrCdtTrf/CdtTrfTxInf", "has too many PmtId"),
        (
            lambda tx: tx[0][0].__setattr__("text", "x" * 36),
            "FIToFICstmrCdtTrf/CdtTrfTxInf/PmtId/EndToEndId",
            "is no Max35Text",
        ),
        (
            lambda tx: tx[1].attrib.clear(),
            "FIToFICstmrCdtTrf/CdtTrfTxInf/IntrBkSttlmAmt",
            "@Ccy is missing",
        ),
    ],
)
def test_a_refusal_names_the_place(break_it, path, why):
    root = build(ORDER)
    break_it(root[0][1])
    refusal = _refusal("pacs.008.001.11", root)
    assert (refusal.path, refusal.http_status, refusal.code) == (path, 400, "structure")
    assert why in str(refusal)


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_another_message_or_another_version_is_refused(kind):
    others = [build(message) for message in SAMPLES.values() if kind_of(message) != kind]
    assert not any(accepts(kind, other) for other in others)
    retagged = etree.fromstring(etree.tostring(others[0]).replace(b"urn:iso:std:iso:20022", b"urn:other"))
    assert _refusal(kind, retagged).path == ""


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_no_refusal_quotes_a_message_or_grows_with_it(kind):
    random = Random(f"quotes {kind}")
    secret = "ҚҰПИЯ"
    originals = [build(message) for message in SAMPLES.values() if kind_of(message) == kind]
    refusals = []
    for number in range(300):
        root = deepcopy(originals[number % len(originals)])
        element = random.choice([one for one in root.iterdescendants() if not is_unseen(one)])
        random.choice(
            [
                lambda one: setattr(one, "tag", f"{{{secret}}}{secret * 20}"),
                lambda one: setattr(one, "tag", one.tag + secret * 20),
                lambda one: one.set(secret * 20, secret),
                lambda one: setattr(one, "text", secret * 80),
                lambda one: setattr(one, "tail", secret * 80),
            ]
        )(element)
        if not accepts(kind, root):
            refusals.append(_refusal(kind, root))
    assert len(refusals) > 200
    assert not any(secret in str(one) + one.path for one in refusals)
    assert max(len(str(one)) for one in refusals) <= LONGEST_TEXT


@pytest.mark.parametrize("text", ["text", "tail"])
def test_what_is_accepted_unseen_holds_elements_and_no_text_between_them(text):
    root = build(FULL_ORDER)
    purpose = root[0][1].find("{*}RmtInf")
    tax = etree.fromstring(f"<Tax xmlns='{root.nsmap[None]}'><RefNb>1</RefNb></Tax>")
    purpose.addprevious(tax)
    assert accepts(kind_of(FULL_ORDER), root)
    setattr(tax if text == "text" else tax[0], text, "x")
    assert not accepts(kind_of(FULL_ORDER), root)


def test_the_digest_is_of_the_exclusive_canonical_form():
    plain, decorated = (
        etree.fromstring(f"<Document xmlns='urn:x'{unused}><StatcDataReq/></Document>")
        for unused in ("", " xmlns:unused='urn:unused'")
    )
    assert signed_content_digest(plain) == signed_content_digest(decorated)
