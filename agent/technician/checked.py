"""What was looked at, as a technician reads it: a verdict, what was measured, the next step, who must come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.advice import NOTHING, advice_of, who_comes
from agent.readiness import Finding, Level
from devices.actions import Who
from devices.selftest import Verdict, When

EXIT_CODES: Final[Mapping[Level, int]] = {Level.READY: 0, Level.WARNING: 1, Level.OBSTACLE: 2}
"""In service; in service, but somebody should look; out of service."""

_NOT_ANSWERED: Final = frozenset(
    {
        *("silent", "offline", "powerOff", "noDevice", "paper_unknown"),
        *("unreachable", "card_host_unreachable", "no_store"),
    }
)
_SKIPPED: Final = frozenset({"deviceBusy", "starting", "maintenance"})
_WELL_ENOUGH: Final = frozenset(
    {"paper_low", "cardsSilent", "ends_soon", "not_renewed", "lying", "not_pinned"}
)
"""It passes, and somebody should know."""


@dataclass(frozen=True)
class Checked:
    """One part of a node. `detail` is what was measured; `next_step` names a text of `agent.texts.advice`."""

    part: str
    level: Level
    code: str
    detail: str
    verdict: Verdict
    next_step: str
    who: Who
    when: When


def checked(finding: Finding) -> Checked:
    advice = NOTHING if finding.level is Level.READY else advice_of(finding.code)
    return Checked(
        part=finding.part,
        level=finding.level,
        code=finding.code,
        detail=finding.detail,
        verdict=_verdict(finding),
        next_step=advice.step,
        who=advice.who,
        when=advice.when,
    )


def exit_code(found: Iterable[Checked]) -> int:
    return max((EXIT_CODES[one.level] for one in found), default=0)


def visit(found: Sequence[Checked]) -> tuple[Who, When]:
    """Who must come to this node, and when: for all that was found."""
    return who_comes(one.code for one in found if one.level is not Level.READY)


def findings(items: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """As a control socket has told them."""
    return [Finding(**{**item, "level": Level(item["level"])}) for item in items]


def _verdict(finding: Finding) -> Verdict:
    word = finding.code.rpartition(".")[2]
    if word in _NOT_ANSWERED:
        return Verdict.NOT_ANSWERED
    if word in _SKIPPED:
        return Verdict.SKIPPED
    return Verdict.PASS if finding.level is Level.READY or word in _WELL_ENOUGH else Verdict.FAIL
