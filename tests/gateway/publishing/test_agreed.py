"""A catalogue against the list that was agreed upon with e-port."""

import pytest

from gateway.providers.catalogue import CatalogueError, parse_catalogue
from gateway.publishing.agreed import COLUMNS, Disagreement, disagreements, read_agreed

HEAD = ";".join(COLUMNS)


@pytest.fixture
def catalogue(demo_source):
    return parse_catalogue(demo_source)


@pytest.fixture
def agreed_csv(catalogue) -> str:
    """The list that the demo's catalogue agrees with."""
    lines = [HEAD]
    for product in catalogue.products:
        fee = product.fee_rule
        smallest, largest = fee.minimum.amount(), fee.maximum and fee.maximum.amount()
        fixed = smallest == largest
        told = (
            product.id,
            product.minimum.amount(),
            product.maximum.amount(),
            "" if fixed or not fee.percent_hundredths else f"{fee.percent_hundredths / 100:.2f}",
            "" if fixed or not fee.percent_hundredths else smallest,
            "" if fixed or largest is None else largest,
            smallest if fixed else "",
            " ".join(shape.code for shape in product.requisites),
        )
        lines.append(";".join(map(str, told)))
    return "\r\n".join(lines) + "\r\n"


def test_a_list_that_says_the_same_has_no_disagreement(catalogue, agreed_csv) -> None:
    assert disagreements(catalogue, read_agreed(agreed_csv.encode(), is_csv=True)) == []
    with_bom = b"\xef\xbb\xbf" + agreed_csv.encode()  # as spreadsheets write it
    assert disagreements(catalogue, read_agreed(with_bom, is_csv=True)) == []


def test_every_difference_is_told_by_product_and_field(catalogue, agreed_csv) -> None:
    minimum = str(catalogue.product("kokjiek-mobile").minimum.amount())
    lines = [line for line in agreed_csv.splitlines() if not line.startswith("dala-mobile;")]
    changed = (
        "\n".join(lines)
        .replace(f"kokjiek-mobile;{minimum}", "kokjiek-mobile;0.01")
        .replace(";1.50;", ";1.25;", 1)
    )
    found = disagreements(
        catalogue, read_agreed(f"{changed}\nnobody;1.00;2.00;;;;;account\n".encode(), is_csv=True)
    )
    assert Disagreement("kokjiek-mobile", "minimum", minimum, "0.01") in found
    assert any(it.field == "fee" and "1.25 %" in (it.agreed or "") for it in found)
    assert Disagreement("nobody", "", None, "is there") in found
    assert found[-1] == Disagreement("dala-mobile", "", "is there", None)


def test_toml_says_the_same_in_the_words_of_the_catalogue() -> None:
    text = b"""
[[product]]
id = "kokjiek-mobile"
minimum = "100.00"
maximum = "50000.00"
fee = { percent = "1.5", minimum = "30.00" }
requisites = ["account"]
"""
    (product,) = read_agreed(text, is_csv=False).product
    assert (product.id, product.fee.percent, str(product.minimum)) == ("kokjiek-mobile", 150, "100.00")


@pytest.mark.parametrize(("line", "place"), [
    ("a;1.00;2.00;;;;account", "line 2"),
    ("", "line 2"),
    ("a;1;2.00;;;;;account", "line 2, minimum"),
    ("a;1.00;2.00;x;;;;account", "line 2, fee.percent"),
    ("a;1.00;2.00;1;;;1.00;account", "line 2, fee"),
    ("A;1.00;2.00;;;;;account", "line 2, id"),
    ("a;1.00;2.00;;;;;", "line 2, requisites"),
])  # fmt: skip
def test_a_line_that_cannot_be_read_is_told_by_its_number(line: str, place: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_agreed(f"{HEAD}\n{line}\n".encode(), is_csv=True)
    assert [flaw.path for flaw in caught.value.flaws] == [place]


def test_every_error_is_told_at_once() -> None:
    with pytest.raises(CatalogueError) as caught:
        read_agreed(f"{HEAD}\na;1;2.00;;;;;account\nb;1.00;2;;;;;account\n".encode(), is_csv=True)
    assert [flaw.path for flaw in caught.value.flaws] == ["line 2, minimum", "line 3, maximum"]


@pytest.mark.parametrize(("content", "is_csv"), [
    (b"", True), (b"product;sum\n", True), (HEAD.encode() + b"\n", True), (b"\xff", True),
    (b"", False), (b"[[product", False), (b"\xff", False),
    (f"{HEAD}\na;1.00;2.00;;;;;account\na;1.00;2.00;;;;;account\n".encode(), True),
])  # fmt: skip
def test_what_is_no_list_is_refused(*, content: bytes, is_csv: bool) -> None:
    with pytest.raises(CatalogueError):
        read_agreed(content, is_csv=is_csv)
