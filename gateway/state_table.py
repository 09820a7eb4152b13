"""The engine under every state table: look up a row, or draw them all.

A table is a mapping from (state, event) to the next state and the named steps that go with it. It is
complete: every event has a row in every state, so a row that is missing is a fault of ours and raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)
D = TypeVar("D", bound=StrEnum)


@dataclass(frozen=True)
class Row(Generic[S, D]):
    next: S
    steps: tuple[D, ...] = ()


class NoSuchRowError(LookupError):
    """The table has no row for this event in this state."""


def advance(table: Mapping[tuple[S, E], Row[S, D]], state: S, event: E) -> Row[S, D]:
    """What `event` means in `state`. Raises NoSuchRowError, which names both."""
    row = table.get((state, event))
    if row is None:
        raise NoSuchRowError(f"no row for event {event} in state {state}")
    return row


def diagram(table: Mapping[tuple[S, E], Row[S, D]]) -> str:
    """Mermaid `stateDiagram-v2` of a table; the first member of its states is the start.

    Events that lead from one state to the same next one share an arrow. What stays is left out: a
    repeat or a contradiction is possible in every state and would hide the picture.
    """
    arrows: dict[tuple[S, S], list[str]] = {}
    for (state, event), row in table.items():
        if row.next != state:
            arrows.setdefault((state, row.next), []).append(event.value)
    seen = {state for state, _ in table} | {row.next for row in table.values()}
    states = [state for state in type(next(iter(table))[0]) if state in seen]
    lines = [
        "stateDiagram-v2",
        f"    [*] --> {states[0]}",
        *(
            f"    {state} --> {after} : {', '.join(arrows[state, after])}"
            for state in states
            for after in states
            if (state, after) in arrows
        ),
        *(f"    {state} --> [*]" for state in states if not any(before == state for before, _ in arrows)),
    ]
    return "\n".join(lines) + "\n"
