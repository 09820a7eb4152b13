"""README.md as its tests read it, and the parts of it that are written by the tables.

`python -m tests.house.readme`, from the top of the tree, writes these parts anew.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from agent.journeys import bill, merchant_sale
from devices import connection_states
from gateway.bills import check_states, payment_states
from gateway.c2b2e import payee, payer, sale_states
from gateway.state_table import Row, diagram
from spool import entry_states

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARKED = re.compile(r"(<!-- begin ([\w. ]+) -->\n)(.*?)(<!-- end \2 -->)", re.DOTALL)


def fenced(text: str, language: str) -> list[str]:
    """The contents of all blocks of this language, in their order."""
    return [content for found, content in _FENCE.findall(text) if found == language]


def commands(text: str) -> list[str]:
    """Every shell command that is shown, one a line."""
    return [line for block in fenced(text, "sh") for line in block.splitlines()]


def marked(text: str) -> dict[str, str]:
    """The blocks between `begin NAME` and `end NAME`, by name."""
    return {name: content for _, name, content, _ in _MARKED.findall(text)}


def written(text: str) -> str:
    """The same text with its drawn parts as the tables draw them."""

    def draw(found: re.Match[str]) -> str:
        begin, name, content, end = found.groups()
        return begin + (DRAWN[name]() if name in DRAWN else content) + end

    return _MARKED.sub(draw, text)


def _mermaid(picture: str) -> str:
    return f"```mermaid\n{picture}```\n"


DRAWN: Final[Mapping[str, Callable[[], str]]] = {
    "payment states": lambda: _mermaid(diagram(payment_states.TABLE)),
    "check states": lambda: _mermaid(diagram(check_states.TABLE)),
    "payer states": lambda: _mermaid(diagram(payer.TABLE)),
    "payee states": lambda: _mermaid(diagram(payee.TABLE)),
    "link states": lambda: _mermaid(diagram(sale_states.TABLE)),
    "journey states": lambda: _mermaid(diagram(bill.TABLE)),
    "sale states": lambda: _mermaid(diagram(merchant_sale.TABLE)),
    "connection states": lambda: _mermaid(
        diagram({pair: Row(row.next) for pair, row in connection_states.TABLE.items()})
    ),
    "entry states": lambda: _mermaid(
        diagram({pair: Row(after) for pair, after in entry_states.NEXT.items()})
    ),
}

if __name__ == "__main__":
    README.write_text(written(README.read_text()))
