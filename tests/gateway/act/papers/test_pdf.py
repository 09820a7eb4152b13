"""The printed act, read back as a person would: its text, its pages, and that nothing hangs over an edge."""

import hashlib
from collections.abc import Iterator

import pypdfium2
import pytest

from gateway.act.document import Act, Sums, written
from gateway.act.eport_act import EportAct
from gateway.act.month import Month
from gateway.act.papers.pdf import act_pdf, protocol_pdf
from gateway.act.protocol import protocol
from gateway.providers.product import CatalogueSignature
from tests.house.act_picture import sample

SIGNATURE = CatalogueSignature(key="0123456789abcdef", value="c2lnbmF0dXJl")
A4 = (595, 842)


@pytest.fixture(scope="module")
def printed() -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(act_pdf(sample(), SIGNATURE))
    yield document
    document.close()


def _text(document: pypdfium2.PdfDocument) -> str:
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join(" ".join(pages).replace("\xa0", " ").split())


def test_it_says_who_what_and_how_much(printed: pypdfium2.PdfDocument) -> None:
    text = _text(printed)
    act = sample()
    for part in (
        *(
            "Акт о принятых платежах за октябрь 2026 года",
            "2026 жылғы қазан айында",
            act.bank.name,
            act.contract,
        ),
        *("Кокжиек Мобайл", "Көкжиек Мобайл", "есть только у e-port", "тек e-port-та бар", "М. П. / М. О."),
        *("тенге", "теңге", act.adjustments[0].txn_id, act.open_items[0].txn_id),
    ):
        assert part in text


def test_it_names_every_registry_and_the_hash_of_what_is_signed(printed: pypdfium2.PdfDocument) -> None:
    text = _text(printed)
    act = sample()
    for day in act.days:
        assert day.registry_id in text
        assert day.registry_sha256 in text
    assert hashlib.sha256(written(act)).hexdigest() in text
    assert SIGNATURE.key in text
    assert SIGNATURE.value in text


def test_its_pages_are_a4_and_numbered(printed: pypdfium2.PdfDocument) -> None:
    for number, page in enumerate(printed, start=1):
        assert (round(page.get_width()), round(page.get_height())) == A4
        assert f"{number} / {len(printed)}" in page.get_textpage().get_text_bounded()


def test_nothing_hangs_over_a_margin(printed: pypdfium2.PdfDocument) -> None:
    for page in printed:
        picture = page.render(scale=1).to_pil().convert("L")
        width, height = picture.size
        left, right = picture.crop((0, 0, 40, height)), picture.crop((width - 36, 0, width, height))
        assert left.getextrema() == right.getextrema() == (255, 255)


def test_its_letters_are_onest_and_travel_with_it(printed: pypdfium2.PdfDocument) -> None:
    fonts = {
        item.get_font().get_base_name()
        for page in printed
        for item in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT])
    }
    assert fonts
    assert all("Onest" in font for font in fonts)


def test_the_same_act_gives_the_same_bytes() -> None:
    assert act_pdf(sample()) == act_pdf(sample())


def _theirs(act: Act, more: Sums) -> EportAct:
    providers = {line.provider: line.accepted for line in act.providers}
    last = act.providers[-1].provider
    return EportAct(act.point, Month.parse(act.month), providers | {last: providers[last] + more})


def test_a_protocol_shows_both_sides_and_the_difference() -> None:
    act = sample()
    text = _text(pypdfium2.PdfDocument(protocol_pdf(protocol(act, _theirs(act, Sums(count=1, sum=50_000))))))
    assert "Поставщиков с расхождениями: 1 из" in text
    assert "−500,00" in text


def test_a_protocol_without_differences_says_so() -> None:
    act = sample()
    text = _text(pypdfium2.PdfDocument(protocol_pdf(protocol(act, _theirs(act, Sums())))))
    assert "Расхождений нет" in text
    assert "расхождение / алшақтық" not in text
