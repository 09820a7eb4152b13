"""What every slip of paper from this terminal has around its own lines. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from agent.receipt_facts import TerminalFacts
from agent.texts import Language, Text
from agent.texts import receipt as words
from agent.texts.amounts import NO_BREAK_SPACE, time_text
from devices.escpos.elements import BOLD, Align, Cut, Element, Line, Rule, Space, Style

BIG: Final = Style(bold=True, wide=True, tall=True)


def header(
    facts: TerminalFacts, language: Language, number: str | None, at: datetime, *, copy: bool
) -> Iterator[Element]:
    yield Line(facts.owner, Align.CENTRE, BOLD)
    if facts.address:
        yield Line(facts.address, Align.CENTRE)
    yield Line(f"{words.TERMINAL.to(language)}{NO_BREAK_SPACE}{facts.terminal_id}", Align.CENTRE)
    yield Space()
    if copy:
        yield Line(words.COPY, Align.CENTRE, BOLD)
    yield Line(f"{words.RECEIPT.to(language)} №{NO_BREAK_SPACE}{number}", Align.CENTRE)
    yield Line(time_text(at, facts.time_zone, language), Align.CENTRE)
    yield Rule()


def verdict(
    language: Language, headline: Text, sentences: tuple[Text, ...], warning: Text | None
) -> Iterator[Element]:
    """How it ended, in large letters, and what that means."""
    yield Line(headline.to(language), Align.CENTRE, BIG)
    if warning is not None:
        yield Line(warning.to(language), Align.CENTRE, BIG)
    for sentence in sentences:
        yield Line(sentence.to(language), Align.CENTRE)
    yield Rule()


def footer(facts: TerminalFacts, language: Language) -> Iterator[Element]:
    yield Space()
    if facts.phone:
        phone = facts.phone.replace(" ", NO_BREAK_SPACE)
        yield Line(f"{words.HELP_LINE.to(language)} {phone}", Align.CENTRE)
    yield Line(words.KEEP.to(language), Align.CENTRE)
    yield Cut()
