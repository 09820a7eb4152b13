import io
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest
from lxml import etree

from gateway.act.document import Act
from gateway.act.papers.xlsx import act_xlsx

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def book(act: Act) -> ZipFile:
    return ZipFile(io.BytesIO(act_xlsx(act)))


def _rows(book: ZipFile, number: int) -> list[list[str]]:
    """A sheet as a person sees it, without formats."""
    shared = etree.fromstring(book.read("xl/sharedStrings.xml"))
    texts = ["".join(item.itertext()) for item in shared.findall("m:si", NS)]
    sheet = etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    return [
        [
            texts[int(cell.findtext("m:v", namespaces=NS))]
            if cell.get("t") == "s"
            else cell.findtext("m:v", namespaces=NS)
            for cell in row.findall("m:c", NS)
        ]
        for row in sheet.iterfind(".//m:row", NS)
    ]


def test_each_provider_has_a_row_of_numbers(book: ZipFile, act: Act) -> None:
    _, *lines, total = _rows(book, 2)
    assert [line[0] for line in lines] == [line.provider for line in act.providers]
    assert [round(float(line[4]) * 100) for line in lines] == [line.accepted.sum for line in act.providers]
    assert round(float(total[-1]) * 100) == act.accepted.total


def test_days_corrections_open_items_and_registries_have_their_sheets(book: ZipFile, act: Act) -> None:
    assert len(_rows(book, 3)) == 1 + sum(len(day.providers) for day in act.days) + 1
    assert len(_rows(book, 4)) == 1 + len(act.adjustments) + 1
    assert len(_rows(book, 5)) == 1 + len(act.open_items)
    assert [row[2] for row in _rows(book, 6)[1:]] == [day.registry_sha256 for day in act.days]


def test_a_text_is_never_a_formula(act: Act) -> None:
    evil = act.adjustments[0].model_copy(update={"reason": '=HYPERLINK("http://evil.example")'})
    book = ZipFile(io.BytesIO(act_xlsx(act.model_copy(update={"adjustments": (evil,)}))))
    assert b"<f>" not in book.read("xl/worksheets/sheet4.xml")


def test_the_same_act_gives_the_same_bytes_at_any_time(act: Act) -> None:
    made = act_xlsx(act)
    assert made == act_xlsx(act)
    core = ZipFile(io.BytesIO(made)).read("docProps/core.xml").decode()
    assert "2026-11-01T00:00:00Z" in core
    assert f"{datetime.now(UTC):%Y-%m-%dT%H}" not in core
