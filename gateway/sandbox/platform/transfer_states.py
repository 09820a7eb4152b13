"""The life of one transfer on the platform: (state, event) → what follows. Pure; the only place that decides.

Numbers are steps of PROTOCOLS §3. A pair that is not in the table changes nothing: a late, repeated or
contradicting word about a transfer that has moved on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    BLOCKED = "BLOCKED"  # 10: the payer's position carries it
    FORWARDED = "FORWARDED"  # 11: the payee's bank has it
    ACCEPTED = "ACCEPTED"  # 13: the payee's bank says PDNG
    COMMITTED = "COMMITTED"  # 15: the positions have moved; the right to commit is used
    SETTLED = "SETTLED"  # 16: the payee's bank knows; final
    REJECTED = "REJECTED"  # final


class Event(StrEnum):
    PAYEE_TOOK = "payee took"  # 200 to pacs.008
    PAYEE_REFUSED = "payee refused"  # a final HTTP refusal of pacs.008
    PAYEE_SILENT = "payee silent"
    PAYEE_PENDING = "payee pending"  # PDNG
    PAYEE_REJECTED = "payee rejected"  # RJCT, with the payee's own reason
    PAYEE_INVALID = "payee invalid"  # a pacs.002 that failed its validation
    PAYER_TOOK = "payer took"  # 200 to PDNG: the commit is permitted
    PAYER_REFUSED = "payer refused"  # a final HTTP refusal of PDNG
    PAYER_SILENT = "payer silent"
    COMMIT_FAILED = "commit failed"
    PAYEE_KNOWS = "payee knows"  # 200 to ACSC, or to the ACSC that answers a pacs.028
    PAYEE_DENIES = "payee denies"  # a final HTTP refusal of ACSC
    LIFE_OVER = "life over"


class Step(StrEnum):
    """What goes out, and to whom."""

    ENQUIRY = "3"
    REPORT = "5"
    ORDER = "11"
    PENDING = "14"
    SETTLED_PAYEE = "16"
    SETTLED_PAYER = "17"
    REJECTED_PAYEE = "rjct payee"
    REJECTED_PAYER = "rjct payer"
    ANSWER_PAYEE = "16.1 answer"
    ANSWER_PAYER = "17.1 answer"


@dataclass(frozen=True)
class Move:
    """`reason` None with REJECTED: the payee's own."""

    next: State
    steps: tuple[Step, ...] = ()
    reason: str | None = None


_PAYER: Final = (Step.REJECTED_PAYER,)
_BOTH: Final = (Step.REJECTED_PAYER, Step.REJECTED_PAYEE)

_S, _E = State, Event
MOVES: Final[Mapping[tuple[State, Event], Move]] = {
    (_S.BLOCKED, _E.PAYEE_TOOK): Move(_S.FORWARDED),
    (_S.BLOCKED, _E.PAYEE_REFUSED): Move(_S.REJECTED, _PAYER, "MS03"),
    (_S.BLOCKED, _E.PAYEE_SILENT): Move(_S.REJECTED, _BOTH, "AB08"),
    (_S.BLOCKED, _E.LIFE_OVER): Move(_S.REJECTED, _BOTH, "AB08"),
    (_S.BLOCKED, _E.PAYEE_PENDING): Move(_S.ACCEPTED, (Step.PENDING,)),
    (_S.BLOCKED, _E.PAYEE_REJECTED): Move(_S.REJECTED, _PAYER),
    (_S.BLOCKED, _E.PAYEE_INVALID): Move(_S.REJECTED, _BOTH, "FF01"),
    (_S.FORWARDED, _E.LIFE_OVER): Move(_S.REJECTED, _BOTH, "AB05"),
    (_S.FORWARDED, _E.PAYEE_PENDING): Move(_S.ACCEPTED, (Step.PENDING,)),
    (_S.FORWARDED, _E.PAYEE_REJECTED): Move(_S.REJECTED, _PAYER),
    (_S.FORWARDED, _E.PAYEE_INVALID): Move(_S.REJECTED, _BOTH, "FF01"),
    (_S.ACCEPTED, _E.PAYER_TOOK): Move(_S.COMMITTED, (Step.SETTLED_PAYEE,)),
    (_S.ACCEPTED, _E.PAYER_REFUSED): Move(_S.REJECTED, _BOTH, "MS03"),
    (_S.ACCEPTED, _E.PAYER_SILENT): Move(_S.REJECTED, _BOTH, "TM01"),
    (_S.ACCEPTED, _E.COMMIT_FAILED): Move(_S.REJECTED, _BOTH, "ED05"),
    (_S.ACCEPTED, _E.LIFE_OVER): Move(_S.REJECTED, _BOTH, "TM01"),
    (_S.COMMITTED, _E.PAYEE_KNOWS): Move(_S.SETTLED, (Step.SETTLED_PAYER,)),
    (_S.COMMITTED, _E.PAYEE_DENIES): Move(_S.REJECTED, _BOTH, "MS03"),
}

FINAL: Final = frozenset({State.SETTLED, State.REJECTED})
MORTAL: Final = frozenset({State.BLOCKED, State.FORWARDED, State.ACCEPTED})  # their life can end

# What becomes of a message: (delivered, refused, never answered). None: nothing moves.
OUTCOMES: Final[Mapping[Step, tuple[Event | None, Event | None, Event | None]]] = {
    Step.ORDER: (_E.PAYEE_TOOK, _E.PAYEE_REFUSED, _E.PAYEE_SILENT),
    Step.PENDING: (_E.PAYER_TOOK, _E.PAYER_REFUSED, _E.PAYER_SILENT),
    Step.SETTLED_PAYEE: (_E.PAYEE_KNOWS, _E.PAYEE_DENIES, None),
}
# A message is sent only while its transfer is in this state; the others always.
WANTED_IN: Final[Mapping[Step, State]] = {
    Step.ORDER: State.BLOCKED,
    Step.PENDING: State.ACCEPTED,
    Step.SETTLED_PAYEE: State.COMMITTED,
}
# The duty to tell has no end (PROTOCOLS §3.5); everything else is given up after its resends.
TOLD_FOR_EVER: Final = frozenset(
    {Step.SETTLED_PAYEE, Step.SETTLED_PAYER, Step.REJECTED_PAYEE, Step.REJECTED_PAYER}
)
# A refusal behind an unanswered attempt proves nothing: the bank may have credited at that attempt.
REFUSED_AT_FIRST_ONLY: Final = frozenset({Step.SETTLED_PAYEE})

# What a pacs.028 is answered (PROTOCOLS §3.1.4): the payer learns ACSC only after the payee.
SAID_TO_PAYEE: Final[Mapping[State, str]] = {
    State.COMMITTED: "ACSC",
    State.SETTLED: "ACSC",
    State.REJECTED: "RJCT",
}
SAID_TO_PAYER: Final[Mapping[State, str]] = {State.SETTLED: "ACSC", State.REJECTED: "RJCT"}
