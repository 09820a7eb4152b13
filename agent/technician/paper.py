"""A technician's report as a job for the terminal's own printer. Pure."""

from collections.abc import Iterator, Sequence

from devices.escpos.elements import BOLD, Align, Cut, Element, Line, Rule, Space
from devices.escpos.layout import layout
from devices.escpos.profile import Profile


def printed(lines: Sequence[str], profile: Profile) -> bytes:
    """The first line is the heading; an empty one is a rule."""
    return layout(list(_elements(lines)), profile)


def _elements(lines: Sequence[str]) -> Iterator[Element]:
    for place, line in enumerate(lines):
        if place == 0:
            yield Line(line, Align.CENTRE, BOLD)
        else:
            yield Line(line) if line else Rule()
    yield Space()
    yield Cut()
