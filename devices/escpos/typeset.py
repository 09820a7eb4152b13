"""From running text to lines of a fixed number of columns. Knows letters only, no printer."""

import textwrap
from itertools import zip_longest
from typing import Final

GAP: Final = 2  # columns between a label and a value that wraps


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at plain spaces; a word that is too long is cut.

    >>> wrap("Төлем түбіртегі", 10)
    ['Төлем', 'түбіртегі']
    """
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def columns(left: str, right: str, width: int) -> list[str]:
    """A label and its value, beside each other if they fit, else each wrapped on its own side.

    >>> columns("Сумма", "1500,00", 16)
    ['Сумма    1500,00']
    >>> columns("Мекенжай", "Алматы қаласы, Абай 10", 24)
    ['Мекенжай  Алматы қаласы,', '                 Абай 10']
    """
    if len(left) + 1 + len(right) <= width:
        return [left + right.rjust(width - len(left))]
    left_width = min(max(map(len, wrap(left, width // 2))), width // 2)
    right_width = width - left_width - GAP
    if longest_word(right) > right_width:
        return [*wrap(left, width), *(line.rjust(width) for line in wrap(right, width))]
    pairs = zip_longest(wrap(left, left_width), wrap(right, right_width), fillvalue="")
    return [(a.ljust(left_width + GAP) + b.rjust(right_width)).rstrip() for a, b in pairs]


def longest_word(text: str) -> int:
    """Its columns. What no plain space parts is one word."""
    return max(map(len, text.split(" ")))
