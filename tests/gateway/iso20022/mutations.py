"""Ways to break a document, and the texts that a datatype is asked about."""

from copy import deepcopy
from random import Random

from lxml import etree

XSI = "http://www.w3.org/2001/XMLSchema-instance"

# What ISO describes and Tolem accepts unseen. A row that is no longer needed fails the test too.
UNSEEN = {
    "CtctDtls": "how to reach a party: nobody is reached by it",
    "MndtRltdInf": "mandates are of recurring orders, which the platform has none of",
    "RgltryRptg": "reports to authorities pass through banks, not through a terminal",
    "Tax": "as RgltryRptg",
    "RltdRmtInf": "where remittance advice was sent to",
    "Strd": "structured remittance: a purpose is read from Ustrd",
    "OrgnlTxRef": "a copy of the order: the order itself is kept, and decides",
}


PROBES = [
    *("", " ", "\n", "a", "A", "0", "1", "01", "KZT", "kzt", "KZTT", "KZ", "true", "TRUE", " false ", "x y"),
    *("ә" * count for count in (3, 4, 5, 6, 16, 17, 34, 35, 36, 70, 71, 105, 106, 140, 141, 350, 351)),
    *("z" * count for count in (2048, 2049)),
    *("1" * count for count in (15, 16, 18, 19)),
    *("-0", "+1", "-1", ".5", "5.", ".", "1.12345", "1.123456", "1.1234500", " 1 ", "1 1", "1e3", "٣"),
    *("0" * 30 + "1", "1.0" + "0" * 30, "1234567890123.12345", "12345678901234.12345", "0." + "1" * 17),
    *("0." + "1" * 18, "0." + "1" * 10, "0." + "1" * 11, "12.123456789", "1.1234567891", "-.5", "+", "-"),
    *("2026-11-22", "2026-11-31", "2026-02-29", "2024-02-29", "2026-11-22Z", "2026-11-22+05:00", "2026-1-2"),
    *("1900-02-29", "2000-02-29", "0000-01-01", "-0001-01-01", "-0004-02-29", "12026-01-01", "02026-01-01"),
    *("14:05:09", "24:00:00", "24:00:01", "14:05", "14:05:60", "14:05:09.5Z", "14:05:09+14:00", "25:00:00"),
    *("2026-11-22T14:05:09", "2026-11-22T14:05:09Z", "2026-11-22T24:00:00Z", "2026-11-22T24:00:00.0Z"),
    *("2026-11-22T24:00:01Z", "2026-11-22T14:05:60Z", "2026-02-29T00:00:00", "2026-11-22T14:05:09+14:00"),
    *("2026-11-22T14:05:09+14:01", "2026-11-22T14:05:09-00:00", "2026-11-22T14:05:09.", "2026-11-22T14:05Z"),
    *("2026-11-22T14:05:09.1234567890123", " 2026-11-22T14:05:09Z", "2026-11-22 14:05:09Z"),
    *("2026-11-22t14:05:09z", "2026-11-22T14:05:09+0500", "0000-01-01T00:00:00", "-0001-01-01T00:00:00"),
    *("TLMBKZKA", "TLMBKZKAXXX", "TLMBKZKAXX", "tlmbkzka", "TLMB12KA", "ABCDEFGHIJKLMNOPQR12", "ABCD"),
    *("KZ86125KZT5004100100", "KZ86125kzt5004100100", "K186125", "KZ86", "KZ861", "KZ86" + "A" * 31),
    *("5f2c1a9e-0b7d-4c1e-8a55-1234567890ab", "5F2C1A9E-0B7D-4C1E-8A55-1234567890AB"),
    *("5f2c1a9e-0b7d-1c1e-8a55-1234567890ab", "aB12", "aB1", "ab-1", "CLRG", "INDA", "SLEV", "SHAR", "DEBT"),
    *("HIGH", "NORM", "URGT", "PHOA", "TELA", "RTGS", "BOOK", "ADDR", "DLVY", "CLRG ", "clrg"),
]


def is_unseen(element: etree._Element) -> bool:
    """Below what is accepted unseen, or inside an Envlp, where the schema is lax."""
    return any(_is_opaque(above) for above in element.iterancestors())


def _is_opaque(element: etree._Element) -> bool:
    return etree.QName(element).localname in {*UNSEEN, "Envlp"}


def _drop(element: etree._Element, random: Random) -> None:
    element.getparent().remove(element)


def _duplicate(element: etree._Element, random: Random) -> None:
    element.addnext(deepcopy(element))


def _duplicate_far(element: etree._Element, random: Random) -> None:
    element.getparent().insert(random.randrange(len(element.getparent()) + 1), deepcopy(element))


def _swap(element: etree._Element, random: Random) -> None:
    later = element.getnext()
    if later is not None:
        later.addnext(element)


def _rename(element: etree._Element, random: Random) -> None:
    element.tag = f"{element.tag}X"


def _rename_as_another(element: etree._Element, random: Random) -> None:
    element.tag = random.choice([*element.getroottree().getroot().iter()]).tag


def _retag(element: etree._Element, random: Random) -> None:
    element.tag = random.choice(["{urn:another}", ""]) + etree.QName(element).localname


def _break_format(element: etree._Element, random: Random) -> None:
    element.text = random.choice(PROBES)


def _lengthen(element: etree._Element, random: Random) -> None:
    element.text = (element.text or "") + "9" * random.choice([1, 5, 400])


def _empty(element: etree._Element, random: Random) -> None:
    for child in [*element]:
        element.remove(child)
    element.text = None


def _say_something_between(element: etree._Element, random: Random) -> None:
    element.tail = random.choice(["x", "\n\t ", "0"])


def _give_an_attribute(element: etree._Element, random: Random) -> None:
    name = random.choice(["Ccy", "lang", "{http://www.w3.org/XML/1998/namespace}lang", f"{{{XSI}}}x"])
    element.set(name, random.choice(["KZT", "kk", ""]))


def _hint_at_a_schema(element: etree._Element, random: Random) -> None:
    element.set(f"{{{XSI}}}noNamespaceSchemaLocation", "nowhere.xsd")


def _take_the_attributes(element: etree._Element, random: Random) -> None:
    element.attrib.clear()


def _put_into_another(element: etree._Element, random: Random) -> None:
    root = element.getroottree().getroot()
    others = [one for one in root.iter() if not is_unseen(one) and not _is_opaque(one)]
    random.choice(others).append(deepcopy(element))


MUTATIONS = (
    *(_drop, _duplicate, _duplicate_far, _swap, _rename, _rename_as_another, _retag, _break_format),
    *(_lengthen, _empty, _say_something_between, _give_an_attribute, _hint_at_a_schema),
    *(_take_the_attributes, _put_into_another),
)


def mutated(root: etree._Element, random: Random) -> str:
    """Break `root` in one or two ways, outside what is unseen; the names of the ways."""
    names = []
    for _ in range(random.choice([1, 1, 2])):
        candidates = [one for one in root.iterdescendants() if not is_unseen(one)]
        if not candidates:
            break
        mutation = random.choice(MUTATIONS)
        mutation(random.choice(candidates), random)
        names.append(mutation.__name__)
    return " and ".join(names)
