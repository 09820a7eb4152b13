"""What a technician sees of a terminal at a glance, as one value: for the page, paper, JSON and the bundle."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from agent.journeys.bill_record import Journey
from agent.maintenance import State
from agent.technician.checked import EXIT_CODES, Checked
from agent.texts import Language
from agent.texts import technician as words
from agent.texts.advice import VERDICTS, step_text, visit_text
from agent.texts.amounts import time_text
from agent.texts.measured import measured_text
from devices.actions import Who
from devices.selftest import When

Item = Mapping[str, Any]
_LONGEST_MEASURED: Final = 96  # of a line on paper


@dataclass(frozen=True)
class Report:
    """`exit` as of `tolem doctor`; `devices` as `devices.list` of the control socket tells them."""

    node: str
    time_zone: str
    version: str
    at: datetime
    exit: int
    who: Who
    when: When
    findings: Sequence[Checked]
    maintenance: State | None = None  # None: there is no terminal here
    devices: Sequence[Item] = ()
    payments: Sequence[Item] = ()

    def gravest_first(self) -> list[Checked]:
        return sorted(self.findings, key=lambda one: -EXIT_CODES[one.level])

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}


def payment_line(record: Item) -> dict[str, Any]:
    """Of a journey's record what a technician may see: no requisite, no name, no whole card number."""
    journey = Journey.model_validate(record)
    view = journey.view
    return {
        "journey_id": journey.journey_id,
        "payment_id": journey.payment_id,
        "started_at": journey.started_at.isoformat(),
        "state": journey.state,
        "product": journey.product,
        "product_name": journey.product_name,
        "total": None if journey.total is None else str(journey.total.amount()),
        "card": journey.masked_pan,
        "outcome": journey.outcome,
        "reason": journey.reason,
        "receipt": journey.receipt_number,
        "operation": None if view is None else view.rrn,
    }


def paper_lines(report: Report, language: Language) -> Iterator[str]:
    """The report for a receipt printer; an empty line is a rule."""
    yield words.WORDS["report"].to(language)
    yield f"{words.WORDS['terminal'].to(language)} {report.node} · Tolem {report.version}"
    yield time_text(report.at, ZoneInfo(report.time_zone), language)
    yield words.STANDING[report.exit].to(language)
    if report.who is not Who.NOBODY:
        yield f"{words.WORDS['must_come'].to(language)}: {visit_text(report.who, report.when).to(language)}"
    yield ""
    for found in report.gravest_first():
        yield f"{words.part_text(found.part).to(language)}: {VERDICTS[found.verdict].to(language)}"
        if found.detail:
            yield f"  {measured_text(found.detail).to(language)[:_LONGEST_MEASURED]}"
        if found.next_step:
            yield f"  → {step_text(found.next_step).to(language)}"
    yield ""
    for device in report.devices:
        yield f"{device['device']}: {device['driver']}, {device['connection']}"
        if device["errors"]:
            yield f"  {', '.join(f'{word} {times}' for word, times in device['errors'].items())}"
