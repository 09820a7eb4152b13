"""The official schemas as data: types and their rows, and random documents that they accept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
UNBOUNDED = 1 << 30
KINDS = ("admi.009.001.02", "admi.010.001.02", "pacs.008.001.11", "pacs.002.001.13", "pacs.028.001.05")


@dataclass(frozen=True)
class OfficialRow:
    name: str
    type: str
    least: int
    most: int


@dataclass(frozen=True)
class OfficialType:
    """`rows` of a complex type; a simple one has none, and may have `attributes` (name to type)."""

    name: str
    is_choice: bool
    rows: Sequence[OfficialRow]
    attributes: dict[str, str]
    is_simple: bool


class Official:
    """One schema."""

    def __init__(self, file: Path) -> None:
        self.kind = file.stem
        self.namespace = f"urn:iso:std:iso:20022:tech:xsd:{self.kind}"
        self._tree = etree.parse(file)
        self._declared = {one.get("name"): one for one in self._tree.getroot() if one.tag != f"{XS}element"}
        self.schema = etree.XMLSchema(self._tree)
        self._probes: dict[str, etree.XMLSchema] = {}

    def type(self, name: str) -> OfficialType:
        declared = self._declared[name]
        rows = [
            OfficialRow(
                row.get("name"),
                row.get("type"),
                int(row.get("minOccurs", "1")),
                UNBOUNDED if row.get("maxOccurs") == "unbounded" else int(row.get("maxOccurs", "1")),
            )
            for row in declared.iter(f"{XS}element")
        ]
        return OfficialType(
            name=name,
            is_choice=declared.find(f"{XS}choice") is not None,
            rows=rows,
            attributes={one.get("name"): one.get("type") for one in declared.iter(f"{XS}attribute")},
            is_simple=declared.tag == f"{XS}simpleType" or declared.find(f"{XS}simpleContent") is not None,
        )

    def accepts(self, type_name: str, text: str) -> bool:
        """Whether a text, without attributes, is of a simple type."""
        if type_name not in self._probes:
            tree = etree.fromstring(etree.tostring(self._tree))
            etree.SubElement(tree, f"{XS}element", name="probe", type=type_name)
            self._probes[type_name] = etree.XMLSchema(tree)
        probe = etree.Element(f"{{{self.namespace}}}probe")
        probe.text = text
        return bool(self._probes[type_name].validate(probe))

    def document(self, random: Random, *, fullness: float) -> etree._Element:
        """A document that the schema accepts; `fullness` is the chance of each optional element."""
        root = etree.Element(f"{{{self.namespace}}}Document", nsmap={None: self.namespace})
        self._fill(root, "Document", random, fullness)
        return root

    def _fill(self, element: etree._Element, type_name: str, random: Random, fullness: float) -> None:
        kind = self.type(type_name)
        if kind.is_simple:
            element.text = self._text(type_name, random)
            for name in kind.attributes:
                element.set(name, "KZT")
        elif type_name == "SupplementaryDataEnvelope1":
            etree.SubElement(element, "{urn:x}Any").text = "Қ"
        rows = [random.choice(kind.rows)] if kind.is_choice else kind.rows
        deeper = fullness * 0.7
        for row in rows:
            for _ in range(_times(row, random, fullness)):
                child = etree.SubElement(element, f"{{{self.namespace}}}{row.name}")
                self._fill(child, row.type, random, deeper)

    def _text(self, type_name: str, random: Random) -> str:
        restriction = self._declared[type_name].find(f".//{XS}restriction")
        if restriction is None:  # a simple content: its base is the simple type
            return "1500.00"
        allowed = [one.get("value") for one in restriction.findall(f"{XS}enumeration")]
        if allowed:
            return random.choice(allowed)
        if restriction.get("base") == "xs:base64Binary":
            return "AAAA"
        longest = restriction.find(f"{XS}maxLength")
        if longest is not None:
            return "ә" * random.choice([1, min(4, int(longest.get("value"))), int(longest.get("value"))])
        return random.choice(TEXTS[restriction.get("base")](type_name))


def _times(row: OfficialRow, random: Random, fullness: float) -> int:
    if row.least:
        return row.least
    return random.choice([1, min(row.most, 2)]) if random.random() < fullness else 0


# Texts of the types that are not enumerated and have no length.
PATTERNED = {
    "Max15NumericText": ["1", "123456789012345"],
    "ActiveCurrencyCode": ["KZT"],
    "ActiveOrHistoricCurrencyCode": ["USD"],
    "CountryCode": ["KZ"],
    "BICFIDec2014Identifier": ["TLMBKZKA", "TLMBKZKAXXX"],
    "AnyBICDec2014Identifier": ["TLMBKZKA", "TLMBKZKAXXX"],
    "LEIIdentifier": ["ABCDEFGHIJKLMNOPQR12"],
    "IBAN2007Identifier": ["KZ86125KZT5004100100", "DE89370400440532013000"],
    "UUIDv4Identifier": ["5f2c1a9e-0b7d-4c1e-8a55-1234567890ab"],
    "Exact4AlphaNumericText": ["aB12"],
    "Exact2NumericText": ["12"],
    "PhoneNumber": ["+7-7011234567"],
}
TEXTS = {
    "xs:string": lambda name: PATTERNED[name],
    "xs:decimal": lambda name: ["1", "0.5"] if name != "Number" else ["1"],
    "xs:dateTime": lambda _: ["2026-11-22T14:05:09+05:00", "2026-11-22T14:05:09.5", "2024-02-29T24:00:00Z"],
    "xs:date": lambda _: ["2026-11-22", "2024-02-29Z"],
    "xs:time": lambda _: ["14:05:09", "14:05:09.123+05:00"],
    "xs:boolean": lambda _: ["true", "0"],
    "xs:gYear": lambda _: ["2026"],
}
