"""Tables that fit a screen, blocks where they do not, and instants in the node's time."""

from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from agent.cli.look import local, show_rows

COLUMNS = ("product", "name", "fee")
ROWS = [("samal-tv", "TV: one month's subscription", "none"), ("uy", "Building maintenance", "100.00")]


def shown(width, columns, rows):
    screen = StringIO()
    show_rows(Console(file=screen, width=width), columns, rows)
    return [line.rstrip() for line in screen.getvalue().splitlines()]


def test_a_wide_screen_shows_each_row_in_one_line():
    assert shown(80, COLUMNS, ROWS) == [
        "product   name                          fee",
        "samal-tv  TV: one month's subscription  none",
        "uy        Building maintenance          100.00",
    ]


def test_on_a_narrower_one_sentences_wrap_and_nothing_else_does():
    assert shown(36, COLUMNS, ROWS) == [
        "product   name                fee",
        "samal-tv  TV: one month's     none",
        "          subscription",
        "uy        Building            100.00",
        "          maintenance",
    ]


def test_on_the_narrowest_each_row_is_a_block_and_no_value_is_cut():
    lines = shown(20, COLUMNS, ROWS)
    assert lines[0].split() == ["product", "samal-tv"]
    assert "".join(lines).replace(" ", "").count("subscription") == 1


def test_a_column_without_any_value_is_left_out():
    assert shown(80, ("state", "reason"), [("PAID", None), ("PAID", "")]) == ["state", "PAID", "PAID"]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_table_is_never_wider_than_its_screen(width):
    rows = [("x" * 12, "a sentence of several words, which is long", "and one more sentence at the end")]
    assert max(map(len, shown(width, COLUMNS, rows))) <= width


def test_an_instant_is_told_in_the_nodes_time_to_the_second():
    assert local("2026-11-22T09:05:09.123456+00:00", ZoneInfo("Asia/Almaty")) == "2026-11-22 14:05:09"
    assert local("632600001234", ZoneInfo("Asia/Almaty")) == "632600001234"
