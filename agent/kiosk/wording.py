"""One Jinja2 environment for each language: a shared one would mix their texts silently.

English is the language of the message ids; Kazakh and Russian come from `locale`, compiled when loaded.
"""

from collections.abc import Callable, Mapping
from functools import partial
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Any, Final, get_args

import segno
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from agent.advice import who_comes
from agent.kiosk.screens import Screen
from agent.kiosk.typed import ALPHABETS, LINK_ALPHABETS
from agent.receipt_facts import TerminalFacts
from agent.texts import Language
from agent.texts import receipt as receipt_words
from agent.texts import sale as sale_words
from agent.texts.advice import visit_text
from agent.texts.amounts import NO_BREAK_SPACE, amount_text, time_text
from gateway.contract import FeeRule, Money

SOURCE: Final[Language] = "en"
_ROOT: Final = files("agent.kiosk")


def catalogue_of(language: Language) -> bytes | None:
    """The language's .po file; None for the language that the texts are written in."""
    if language == SOURCE:
        return None
    return (_ROOT / "locale" / language / "LC_MESSAGES" / "kiosk.po").read_bytes()


class Wording:
    """Screens and pages as HTML, in each language."""

    def __init__(self, facts: TerminalFacts) -> None:
        self._environments: Mapping[str, Environment] = {
            language: _environment(language, facts) for language in get_args(Language)
        }

    def screen(self, screen: Screen) -> str:
        """The `<main>` of a screen."""
        return self._render(f"{screen.name}.html", screen)

    def page(self, screen: Screen) -> str:
        """The whole document around it."""
        return self._render("page.html", screen, main=self.screen(screen))

    def _render(self, template: str, screen: Screen, **more: Any) -> str:
        environment = self._environments[screen.context["language"]]
        return environment.get_template(template).render(**screen.context, **more)


def _environment(language: Language, facts: TerminalFacts) -> Environment:
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined] # the i18n extension adds it
    environment.filters["money"] = lambda money: _money(money, language)
    environment.filters["percent"] = lambda rule: _percent(rule, language)
    environment.filters["when"] = lambda at: time_text(at, facts.time_zone, language)
    environment.filters["telephone"] = lambda phone: phone.replace(" ", "\u00a0")
    environment.filters["visit"] = lambda codes: visit_text(*who_comes(codes)).to(language)
    environment.globals["said"] = partial(_said, language)
    environment.globals["alphabets"] = ALPHABETS
    environment.globals["link_alphabets"] = LINK_ALPHABETS
    environment.filters["qr"] = _qr
    return environment


def _source(name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
    """Templates never change while the terminal runs."""
    path: Traversable = _ROOT / "templates" / name
    return path.read_text("utf-8"), str(path), lambda: True


def _translations(language: Language) -> NullTranslations:
    source = catalogue_of(language)
    if source is None:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _money(money: Money, language: Language) -> str:
    return amount_text(money.amount(), language)


def _percent(rule: FeeRule, language: Language) -> str:
    r"""`1,5\xa0%`: hundredths of a percent without zeros at the end."""
    whole, hundredths = divmod(rule.percent_hundredths, 100)
    digits = f"{hundredths:02d}".rstrip("0")
    mark = "." if language == "en" else ","
    return f"{whole}{mark + digits if digits else ''}{NO_BREAK_SPACE}%"


def _said(language: Language, name: str) -> str:
    """The receipt's and the slip's own words: screen and paper say the same."""
    words = receipt_words if hasattr(receipt_words, name) else sale_words
    return str(getattr(words, name).to(language))


def _qr(text: str) -> Markup:
    """A QR code as a picture of the page: no request, no script, no style of its own."""
    picture = segno.make_qr(text, error="m").svg_inline(
        omitsize=True, svgclass=None, lineclass=None, light="#fff"
    )
    return Markup(picture)  # noqa: S704 - segno's own drawing; the text is in it as squares alone
