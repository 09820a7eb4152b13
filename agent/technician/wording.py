"""The service page as HTML, in each language: Jinja2 over the words of `agent.texts`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from importlib.resources import files
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from jinja2 import Environment, FunctionLoader, StrictUndefined

from agent.technician.checked import Checked
from agent.texts import Language
from agent.texts import advice as advice_words
from agent.texts import technician as words
from agent.texts.amounts import amount_text, time_text
from agent.texts.measured import measured_text
from gateway.money import Amount

_ROOT: Final = files("agent.technician")


class Wording:
    def __init__(self, zone: ZoneInfo) -> None:
        self._environments: Mapping[Language, Environment] = {
            language: _environment(language, zone) for language in get_args(Language)
        }

    def render(self, name: str, language: Language, **context: Any) -> str:
        template = self._environments[language].get_template(f"{name}.html")
        return template.render(language=language, **context)


def _environment(language: Language, zone: ZoneInfo) -> Environment:
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = lambda word: words.WORDS[word].to(language)
    environment.filters["part"] = lambda part: words.part_text(part).to(language)
    environment.filters["test_name"] = lambda test: words.name_of_test(test).to(language)
    environment.filters["prompt"] = lambda code: words.PROMPTS[code].to(language) if code else ""
    environment.filters["verdict"] = lambda verdict: advice_words.VERDICTS[verdict].to(language)
    environment.filters["measured"] = lambda measured: measured_text(measured).to(language)
    environment.filters["step"] = lambda step: advice_words.step_text(step).to(language)
    environment.filters["visit"] = partial(_visit, language)
    environment.filters["standing"] = lambda code: words.STANDING[code].to(language)
    environment.filters["maintenance"] = lambda state: words.MAINTENANCE[state].to(language)
    environment.filters["outcome"] = lambda outcome: words.OUTCOMES[outcome or ""].to(language)
    environment.filters["money"] = partial(_money, language)
    environment.filters["when"] = partial(_when, language, zone)
    return environment


def _visit(language: Language, it: Checked | Mapping[str, Any]) -> str:
    """Of a finding, or of anything that a control socket has told."""
    who, when = (it.who, it.when) if isinstance(it, Checked) else (it["who"], it["when"])
    return advice_words.visit_text(who, when).to(language)


def _money(language: Language, total: str | None) -> str:
    return "" if total is None else amount_text(Amount.parse(total), language)


def _when(language: Language, zone: ZoneInfo, at: str) -> str:
    return time_text(datetime.fromisoformat(at), zone, language)


def _source(name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
    """Templates never change while the terminal runs."""
    path = _ROOT / "templates" / name
    return path.read_text("utf-8"), str(path), lambda: True
