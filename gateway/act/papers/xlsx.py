"""The act as a workbook, in Russian with Kazakh: sums are numbers that a spreadsheet adds up. The same act gives the same bytes."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from gateway.act.document import Act, Sums, sum_of, written
from gateway.act.month import Month
from gateway.act.papers.missing import told_when_missing
from gateway.act.papers.words import kind_title, month_title

Cell = str | int | float | datetime
_DAY: Final = "dd.mm.yyyy"
_MONEY: Final = "# ##0.00;[Red]-# ##0.00"
_SUMS: Final = ("Количество / Саны", "Сумма / Сома, ₸", "Комиссия, ₸", "Всего / Барлығы, ₸")


@dataclass(frozen=True)
class _Sheet:
    """`widths` in characters; a column of money has floats in it, one of counts integers."""

    name: str
    head: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()


def act_xlsx(act: Act) -> bytes:
    """Raises PapersMissingError."""
    with told_when_missing("XLSX"):
        from xlsxwriter import Workbook  # noqa: PLC0415 - an extra
    made = io.BytesIO()
    book = Workbook(made, {"in_memory": True})
    month = Month.parse(act.month)
    title = month_title(act.month)
    book.set_properties({"title": f"Акт {act.point} · {title.ru}", "created": _at(month.next().first)})
    looks = _looks(book)
    _front(book, looks, act)
    for sheet in _sheets(act):
        _fill(book.add_worksheet(sheet.name), looks, sheet)
    book.close()
    return made.getvalue()


def _sheets(act: Act) -> Iterable[_Sheet]:
    return (make(act) for make in (_providers, _days, _adjustments, _open_items, _registries))


def _providers(act: Act) -> _Sheet:
    return _Sheet(
        "Поставщики",
        ("Код / Коды", "Поставщик", "Қызмет беруші", *_SUMS),
        (20, 28, 28, 14, 18, 16, 18),
        [(it.provider, it.title.ru, it.title.kk, *_sums(it.accepted)) for it in act.providers],
        ("", "Итого", "Жиыны", *_sums(act.accepted)),
    )


def _days(act: Act) -> _Sheet:
    return _Sheet(
        "Дни",
        ("День / Күн", "Код / Коды", *_SUMS),
        (12, 20, 14, 18, 16, 18),
        [(_at(day.day), one.provider, *_sums(one.sums)) for day in act.days for one in day.providers],
        ("", "Итого / Жиыны", *_sums(sum_of(it.closed for it in act.providers))),
    )


def _adjustments(act: Act) -> _Sheet:
    return _Sheet(
        "Корректировки",
        (
            "№",
            "Проведена / Өткізілді",
            "За день / Күні",
            "Код / Коды",
            "txn_id",
            *_SUMS,
            "Основание / Негізі",
            "Кто / Кім",
        ),
        (6, 14, 12, 20, 24, 14, 18, 16, 18, 40, 20),
        [
            (
                it.number,
                _at(it.day),
                _at(it.about_day),
                it.provider,
                it.txn_id,
                *_sums(it.sums),
                it.reason,
                it.decided_by,
            )
            for it in act.adjustments
        ],
        ("", "", "", "", "Итого / Жиыны", *_sums(sum_of(it.adjusted for it in act.providers)), "", ""),
    )


def _open_items(act: Act) -> _Sheet:
    return _Sheet(
        "Открытые",
        ("№", "День / Күн", "Расхождение", "Алшақтық", "Код / Коды", "txn_id", *_SUMS[1:3]),
        (6, 12, 26, 26, 20, 24, 18, 16),
        [
            (
                it.case,
                _at(it.day),
                kind_title(it.kind).ru,
                kind_title(it.kind).kk,
                it.provider,
                it.txn_id,
                it.sum / 100,
                it.fee / 100,
            )
            for it in act.open_items
        ],
    )


def _registries(act: Act) -> _Sheet:
    return _Sheet(
        "Реестры",
        ("День / Күн", "Реестр / Тізілім", "SHA-256"),
        (12, 24, 70),
        [(_at(day.day), day.registry_id, day.registry_sha256) for day in act.days],
    )


def _sums(sums: Sums) -> tuple[int, float, float, float]:
    """A spreadsheet has only floats; up to 10^13 tenge each of these shows its tiyn exactly."""
    return sums.count, sums.sum / 100, sums.fee / 100, sums.total / 100


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a workbook's days have no time zone


def _looks(book: Any) -> dict[Any, Any]:
    plain = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    bold = {**plain, "bold": True}
    return {
        "title": book.add_format({**bold, "font_size": 14}),
        "name": book.add_format({**plain, "font_color": "#43544f"}),
        "text": book.add_format(plain),
        "head": book.add_format({**bold, "bottom": 1, "text_wrap": True, "bg_color": "#dcebe7"}),
        str: book.add_format({**plain, "text_wrap": True}),
        int: book.add_format({**plain, "num_format": "# ##0"}),
        float: book.add_format({**plain, "num_format": _MONEY}),
        datetime: book.add_format({**plain, "num_format": _DAY, "align": "left"}),
        (str, "total"): book.add_format({**bold, "top": 1}),
        (int, "total"): book.add_format({**bold, "top": 1, "num_format": "# ##0"}),
        (float, "total"): book.add_format({**bold, "top": 1, "num_format": _MONEY}),
    }


def _front(book: Any, looks: dict[Any, Any], act: Act) -> None:
    sheet = book.add_worksheet("Акт")
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 80)
    title = month_title(act.month)
    sheet.write(0, 0, f"Акт о принятых платежах за {title.ru}", looks["title"])
    sheet.write(1, 0, f"{title.kk} айында қабылданған төлемдер туралы акт", looks["name"])
    facts = (
        ("Банк", act.bank.name),
        ("e-port", act.eport.name),
        ("Договор / Шарт", act.contract),
        ("Точка / Нүкте", act.point),
        ("SHA-256 (JSON)", hashlib.sha256(written(act)).hexdigest()),
    )
    for row, (name, value) in enumerate(facts, start=3):
        sheet.write(row, 0, name, looks["name"])
        sheet.write_string(row, 1, value, looks["text"])


def _fill(worksheet: Any, looks: dict[Any, Any], sheet: _Sheet) -> None:
    for column, (head, width) in enumerate(zip(sheet.head, sheet.widths, strict=True)):
        worksheet.set_column(column, column, width)
        worksheet.write_string(0, column, head, looks["head"])
    worksheet.freeze_panes(1, 0)
    worksheet.set_landscape()
    worksheet.set_paper(9)  # A4
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(0)
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write(worksheet, number, column, value, looks[type(value)])
    for column, value in enumerate(sheet.total):
        _write(worksheet, len(sheet.rows) + 1, column, value, looks[type(value), "total"])


def _write(worksheet: Any, row: int, column: int, value: Cell, look: Any) -> None:
    """Text is never taken for a formula, whatever it begins with."""
    if isinstance(value, str):
        worksheet.write_string(row, column, value, look)
    elif isinstance(value, datetime):
        worksheet.write_datetime(row, column, value, look)
    else:
        worksheet.write_number(row, column, value, look)
