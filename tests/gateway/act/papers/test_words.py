import doctest

from gateway.act.papers import words
from gateway.act.papers.words import KINDS, month_title
from tests.house.act_picture import ROOT


def test_the_examples_are_true() -> None:
    assert doctest.testmod(words).failed == 0


def test_a_month_is_named_in_both_languages() -> None:
    assert (month_title("2026-01").ru, month_title("2026-01").kk) == ("январь 2026 года", "2026 жылғы қаңтар")
    assert month_title("2026-12").kk == "2026 жылғы желтоқсан"


def test_every_kind_has_its_own_words() -> None:
    assert (
        len({title.ru for title in KINDS.values()})
        == len({title.kk for title in KINDS.values()})
        == len(KINDS)
    )


def test_the_typeface_is_the_customers_screens_own() -> None:
    for name in ("onest-400.woff2", "onest-700.woff2"):
        ours, theirs = (ROOT / folder / name for folder in ("gateway/typeface", "agent/kiosk/static"))
        assert ours.read_bytes() == theirs.read_bytes()
