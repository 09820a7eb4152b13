"""The act and the protocol of differences on A4, in Russian with Kazakh; the same act gives the same bytes."""

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from gateway.act.document import Act, sum_of, written
from gateway.act.papers.missing import told_when_missing
from gateway.act.papers.words import count_text, day_text, kind_title, month_title, sum_text
from gateway.act.protocol import Protocol
from gateway.act.spelled import spelled
from gateway.providers.product import CatalogueSignature

_PAPERS: Final = files("gateway.act.papers")
_TYPEFACE: Final = Path(str(files("gateway") / "typeface"))


def act_pdf(act: Act, signature: CatalogueSignature | None = None) -> bytes:
    """`signature`: over the bytes of `document.written`. Raises PapersMissingError."""
    closed, adjusted = (
        sum_of(getattr(line, name) for line in act.providers) for name in ("closed", "adjusted")
    )
    return _printed("act", act, signature=signature, closed=closed, adjusted=adjusted)


def protocol_pdf(protocol: Protocol) -> bytes:
    """Raises PapersMissingError."""
    return _printed("protocol", protocol.act, protocol=protocol)


def _printed(name: str, act: Act, **context: Any) -> bytes:
    with told_when_missing("PDF"):
        from weasyprint import HTML  # noqa: PLC0415 - an extra, and half a second
    sha256 = hashlib.sha256(written(act)).hexdigest()
    month = month_title(act.month)
    html = _environment().get_template(f"{name}.html").render(act=act, sha256=sha256, month=month, **context)
    pdf: bytes = HTML(string=html, base_url=_TYPEFACE.as_uri() + "/").write_pdf(
        pdf_identifier=bytes.fromhex(sha256)[:16], pdf_variant="pdf/ua-1"
    )
    return pdf


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "sum": sum_text,
        "count": count_text,
        "day": day_text,
        "kind": kind_title,
        "whole": sum_of,
        "spelled_ru": lambda minor: spelled(minor, "ru"),
        "spelled_kk": lambda minor: spelled(minor, "kk"),
    }
    return environment


def _source(name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
    path = _PAPERS / "templates" / name
    return path.read_text("utf-8"), str(path), lambda: True
