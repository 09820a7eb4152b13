"""admi.010.001.02, StaticDataReport: the details of a link, or why there are none (PROTOCOLS §3, steps 4 and 5).

A report is named values: `Key` says which of the two reports it is, and its rows are a table of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

from gateway.iso20022 import components, formats, structure
from gateway.iso20022 import datatypes as dt
from gateway.iso20022.definition import Definition
from gateway.iso20022.errors import FieldError
from gateway.iso20022.fields import Draft, Field, Leaves, Table, read_text, text_for
from gateway.iso20022.formats import Format
from gateway.iso20022.structure import many, maybe, one
from gateway.money import Amount


@dataclass(frozen=True, kw_only=True)
class PaymentDetails:
    """Who is paid, how much, for what, until when."""

    amount: Amount
    creditor_name: str
    creditor_bin: str
    creditor_iban: str
    creditor_bic: str
    knp: str
    expires_at: datetime  # aware
    kbe: str | None = None
    purpose: str | None = None
    order_id: str | None = None

    @property
    def currency(self) -> str:
        return self.amount.currency


@dataclass(frozen=True, kw_only=True)
class DetailsFailure:
    """`code` is of `codes`; `text` is the sender's own."""

    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class StaticDataReport:
    """`end_to_end_id` is the request's; `data_type` its echo."""

    msg_id: str
    data_type: str
    end_to_end_id: str
    report: PaymentDetails | DetailsFailure


@dataclass(frozen=True)
class Datum:
    """One named value: `Nm`, the model's attribute, the form of `Val`."""

    nm: str
    name: str
    format: Format
    required: bool = True


@dataclass(frozen=True)
class Layout:
    """One of the two reports: its data in our order; others may stand between them, in any order."""

    model: type[PaymentDetails] | type[DetailsFailure]
    data: tuple[Datum, ...]


LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {
        "PAYMENT": Layout(
            PaymentDetails,
            (
                Datum("AMOUNT", "amount", formats.MONEY),
                Datum("CURRENCY", "currency", formats.KZT),
                Datum("CDTR_NAME", "creditor_name", formats.NAME),
                Datum("CDTR_BIN", "creditor_bin", formats.IIN_BIN),
                Datum("CDTR_IBAN", "creditor_iban", formats.IBAN),
                Datum("CDTR_BIC", "creditor_bic", formats.BIC),
                Datum("KNP", "knp", formats.KNP),
                Datum("EXPIRES_AT", "expires_at", formats.INSTANT),
                Datum("KBE", "kbe", formats.KBE, required=False),
                Datum("PURPOSE", "purpose", formats.PARTICULARS, required=False),
                Datum("ORDER_ID", "order_id", formats.PARTICULARS, required=False),
            ),
        ),
        "ERROR": Layout(
            DetailsFailure,
            (
                Datum("CODE", "code", formats.REASON),
                Datum("TEXT", "text", formats.PARTICULARS),
            ),
        ),
    }
)
_DERIVED = frozenset({"currency"})  # read and judged, and kept in the amount


@dataclass(frozen=True)
class _Report:
    path: str
    name: str
    step: str

    def raw(self, leaves: Leaves) -> None:  # noqa: ARG002 - a report is no text
        return None

    def read(self, leaves: Leaves) -> PaymentDetails | DetailsFailure:
        known = [key for key in leaves.all(self.path) if key[0].text in LAYOUTS]
        if len(known) != 1:
            raise FieldError(self.path, f"must be there once as one of {', '.join(LAYOUTS)}")
        layout = LAYOUTS[known[0][0].text or ""]
        texts = _data(known[0])
        values = {datum.name: self._value(datum, texts.get(datum.nm, ())) for datum in layout.data}
        return layout.model(**{name: value for name, value in values.items() if name not in _DERIVED})

    def write(self, draft: Draft, value: PaymentDetails | DetailsFailure) -> None:
        key, layout = next(row for row in LAYOUTS.items() if row[1].model is type(value))
        draft.group(self.path, [("Key", key)])
        for datum in layout.data:
            content = getattr(value, datum.name)
            if content is not None or datum.required:
                text = text_for(self._place(datum), datum.format, content)
                draft.group(f"{self.path}/RptData", [("Nm", datum.nm), ("Val", text)])

    def _value(self, datum: Datum, texts: Sequence[str]) -> Any:
        if len(texts) > 1:
            raise FieldError(self._place(datum), "is there more than once")
        if not texts and datum.required:
            raise FieldError(self._place(datum), "is missing")
        return read_text(self._place(datum), datum.format, texts[0]) if texts else None

    def _place(self, datum: Datum) -> str:
        return f"{self.path}/RptData[{datum.nm}]"


def _data(key: etree._Element) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for datum in key.iterchildren("{*}RptData"):
        found.setdefault(datum[0].text or "", []).append(datum[1].text or "")
    return found


DEFINITION: Final = Definition(
    kind="admi.010.001.02",
    row=one(
        "StatcDataRpt",
        structure.Sequence(
            one("MsgId", dt.MAX_35_TEXT),
            maybe("SttlmSsnIdr", dt.EXACT_4_ALPHANUMERIC),
            one(
                "RptDtls",
                structure.Sequence(
                    one("Tp", dt.MAX_35_TEXT),
                    one("ReqRef", dt.MAX_35_TEXT),
                    many(
                        "RptKey",
                        structure.Sequence(
                            one("Key", dt.MAX_35_TEXT),
                            many(
                                "RptData",
                                structure.Sequence(one("Nm", dt.MAX_70_TEXT), one("Val", dt.MAX_350_TEXT)),
                            ),
                        ),
                        least=1,
                    ),
                ),
            ),
            many("SplmtryData", components.SUPPLEMENTARY_DATA),
        ),
    ),
    table=Table.of(
        Field("MsgId", "msg_id", formats.IDENTIFIER, step="4, 5: new on each hop"),
        Field("RptDtls/Tp", "data_type", formats.MAX_35_TEXT, step="4: the request's"),
        Field("RptDtls/ReqRef", "end_to_end_id", formats.IDENTIFIER, step="4: the request's END_TO_END_ID"),
        _Report("RptDtls/RptKey", "report", step="4, 5"),
    ),
    model=StaticDataReport,
)
