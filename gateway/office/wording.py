"""The page as HTML, in each language: Jinja2 over `words`."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import get_month_names
from jinja2 import Environment, FunctionLoader, StrictUndefined

from gateway.act.month import Month
from gateway.act.papers.words import count_text, sum_text
from gateway.office.desk import Desk
from gateway.office.words import (
    CLASSES,
    DECISIONS,
    LANGUAGES,
    NAMES,
    STANDINGS,
    WEEKDAYS,
    WORDS,
    Language,
    named,
)
from gateway.registry.layout import minor_of

_ROOT: Final = files("gateway.office")


class Wording:
    def __init__(self, desk: Desk, zone: ZoneInfo) -> None:
        self._environments: Mapping[Language, Environment] = {
            language: _environment(language, desk, zone) for language in LANGUAGES
        }

    def render(self, name: str, language: Language, **context: Any) -> str:
        template = self._environments[language].get_template(f"{name}.html")
        return template.render(language=language, names=NAMES, weekdays=WEEKDAYS, **context)


def _environment(language: Language, desk: Desk, zone: ZoneInfo) -> Environment:
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"say": lambda word: WORDS[word].to(language), "point": desk.point}
    environment.filters |= {
        "to": lambda text: text.to(language),
        "standing": lambda code: named(STANDINGS, code, language),
        "class_name": lambda code: named(CLASSES, code, language),
        "decision": lambda code: named(DECISIONS, code, language),
        "provider": lambda code: desk.provider_name(code, language),
        "month": partial(_month, language),
        "day": partial(_day, language),
        "when": partial(_when, language, zone),
        "sum": sum_text,
        "money": lambda text: "" if text is None else sum_text(minor_of(text)),
        "count": count_text,
    }
    return environment


def _month(language: Language, month: Month) -> str:
    name = str(get_month_names("wide", "stand-alone", language)[month.number])
    return f"{name[0].upper()}{name[1:]} {month.year}"


def _day(language: Language, day: date | str) -> str:
    it = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{it:%Y-%m-%d}" if language == "en" else f"{it:%d.%m.%Y}"


def _when(language: Language, zone: ZoneInfo, at: str) -> str:
    local = datetime.fromisoformat(at).astimezone(zone)
    return f"{_day(language, local.date())} {local:%H:%M:%S}"


def _source(name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
    """Templates never change while the gateway runs."""
    path = _ROOT / "templates" / name
    return path.read_text("utf-8"), str(path), lambda: True
