"""Our structure tables and the official schemas say the same: row by row, text by text, document by document.

Three proofs. The tables are walked beside the schemas; every datatype is asked about the same texts; and
thousands of documents that the schemas accept, whole and broken in every way, get the same answer from both.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random

import pytest
from lxml import etree

from gateway.iso20022.document import SIGNATURE
from gateway.iso20022.errors import StructureError
from gateway.iso20022.messages import DEFINITIONS, build, kind_of
from gateway.iso20022.structure import ANYTHING, SKIPPED, Choice, Content, Leaf, Row, Sequence
from tests.gateway.iso20022.mutations import PROBES, UNSEEN, XSI, mutated
from tests.gateway.iso20022.official import KINDS, Official
from tests.gateway.iso20022.samples import FULL_ORDER, ORDER, REQUEST, SAMPLES

every_kind = pytest.mark.parametrize("kind", KINDS)


def accepts(kind: str, root: etree._Element) -> bool:
    try:
        DEFINITIONS[kind].check(root)
    except StructureError:
        return False
    return True


def walk(official: Official, type_name: str, content: Content, path: str) -> Iterator[str]:
    """Every difference between a type of the schema and a content of ours."""
    kind = official.type(type_name)
    if content is SKIPPED or content is ANYTHING:
        return
    if isinstance(content, Leaf):
        if not kind.is_simple or content.attributes.keys() != kind.attributes.keys():
            yield f"{path}: a leaf"
        return
    assert isinstance(content, Sequence | Choice)
    if isinstance(content, Choice) is not kind.is_choice:
        yield f"{path}: a choice"
    ours = [(row.name, row.least, row.most) for row in content.rows]
    theirs = [(row.name, row.least, row.most) for row in kind.rows]
    if ours != theirs:
        yield f"{path}: {set(ours) ^ set(theirs)} or their order"
        return
    for our_row, their_row in zip(content.rows, kind.rows, strict=True):
        yield from walk(official, their_row.type, our_row.content, f"{path}/{our_row.name}")


def leaves(official: Official, type_name: str, content: Content) -> Iterator[tuple[str, Leaf]]:
    """Every leaf of ours with the name of the schema's type."""
    if isinstance(content, Leaf):
        yield type_name, content
    elif isinstance(content, Sequence | Choice):
        for ours, theirs in zip(content.rows, official.type(type_name).rows, strict=True):
            yield from leaves(official, theirs.type, ours.content)


def skipped(rows: tuple[Row, ...]) -> Iterator[str]:
    for row in rows:
        if row.content is SKIPPED:
            yield row.name
        elif isinstance(row.content, Sequence | Choice):
            yield from skipped(row.content.rows)


@every_kind
def test_our_tables_have_the_rows_of_the_official_schema(kind, official_of: Callable[[str], Official]):
    official, definition = official_of(kind), DEFINITIONS[kind]
    (top,) = official.type("Document").rows
    assert top.name == definition.row.name
    assert [*walk(official, top.type, definition.row.content, top.name)] == []


def test_only_what_is_listed_is_accepted_unseen():
    assert {name for definition in DEFINITIONS.values() for name in skipped((definition.row,))} == set(UNSEEN)


@every_kind
def test_our_datatypes_accept_the_texts_that_the_official_ones_accept(kind, official_of):
    official, definition = official_of(kind), DEFINITIONS[kind]
    (top,) = official.type("Document").rows
    pairs = {
        (official_name(official, name), leaf.datatype)
        for name, leaf in leaves(official, top.type, definition.row.content)
    }
    disputed = [
        (datatype.name, name, text)
        for name, datatype in pairs
        for text in PROBES
        if datatype.accepts(text) != official.accepts(name, text)
    ]
    assert disputed == []


def official_name(official: Official, name: str) -> str:
    """The simple type: that of a simple content with attributes has its own name in ISO's schemas."""
    return f"{name}_SimpleType" if official.type(name).attributes else name


@every_kind
@pytest.mark.parametrize("fullness", [0.0, 0.3, 0.9])
def test_what_the_official_schema_allows_is_never_refused(kind, fullness, official_of):
    random = Random(f"{kind} {fullness}")
    for number in range(100):
        root = official_of(kind).document(random, fullness=fullness)
        official_of(kind).schema.assertValid(root)
        assert accepts(kind, root), f"document {number} of {kind}"


@every_kind
def test_tables_and_schema_agree_on_broken_documents(kind, official_of):
    random = Random(kind)
    originals = [build(message) for message in SAMPLES.values() if kind_of(message) == kind]
    originals += [official_of(kind).document(random, fullness=number / 20) for number in range(14)]
    answers: Counter[bool] = Counter()
    for number in range(1500):
        root = deepcopy(originals[number % len(originals)])
        ways = mutated(root, random)
        official = official_of(kind).schema.validate(root)
        assert accepts(kind, root) is official, f"document {number} of {kind}: {ways}"
        answers[official] += 1
    assert answers[True] > 100
    assert answers[False] > 500


def _a_nil(root: etree._Element) -> None:
    root[0][0].set(f"{{{XSI}}}nil", "false")


def _a_type(root: etree._Element) -> None:
    root[0][0].set(f"{{{XSI}}}type", "Max35Text")


def _a_signature(root: etree._Element) -> None:
    etree.SubElement(root, SIGNATURE)


def _a_foreign_element_in_an_unseen_one(root: etree._Element) -> None:
    tax = etree.SubElement(root[0][1], f"{{{root.nsmap[None]}}}Tax")
    etree.SubElement(tax, f"{{{root.nsmap[None]}}}Whatever")
    root[0][1].append(root[0][1].find("{*}RmtInf"))


def _a_document_in_an_envelope(root: etree._Element) -> None:
    envelope = root[0].find(".//{*}Envlp")
    envelope[0].tag = root.tag


# What the two do not agree on: (the message, how it is changed, the schema's answer, ours, why so).
DIFFERENCES = [
    (ORDER, _a_signature, False, True, "PROTOCOLS §3.3: Document/Signature is not ISO's, and always there"),
    (REQUEST, _a_type, True, False, "a message that changes its own types has nothing good in mind"),
    (FULL_ORDER, _a_foreign_element_in_an_unseen_one, False, True, "UNSEEN: accepted in any form"),
    (REQUEST, _a_document_in_an_envelope, False, True, "an Envlp is lax only for what nobody declares"),
]


@pytest.mark.parametrize(
    ("message", "change", "official", "ours", "reason"),
    DIFFERENCES,
    ids=[row[1].__name__ for row in DIFFERENCES],
)
def test_what_the_two_do_not_agree_on_is_listed(message, change, official, ours, reason, official_of):
    kind = kind_of(message)
    root = build(message)
    change(root)
    assert official_of(kind).schema.validate(root) is official
    assert accepts(kind, root) is ours


def test_a_nil_is_refused_by_both(official_of):
    root = build(REQUEST)
    _a_nil(root)
    assert not official_of(kind_of(REQUEST)).schema.validate(root)
    assert not accepts(kind_of(REQUEST), root)
