"""The README's act: the first page of a month, as it is printed.

`python -m tests.house.act_picture`, from the top of the tree, draws `docs/act.png` anew.
"""

import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import pypdfium2
from PIL import Image

from gateway.act.composed import Naming, composed
from gateway.act.document import Act, Party, Title
from gateway.act.facts import ActFacts, Adjustment, DayRegistry, OpenItem, ProviderDay
from gateway.act.month import Month
from gateway.act.papers.pdf import act_pdf

ROOT: Final = Path(__file__).parents[2]
PICTURE: Final = ROOT / "docs/act.png"
MONTH: Final = Month(2026, 10)
_SCALE: Final = 1.5  # of 72 dots per inch
_COLOURS: Final = 32
_TITLES: Final = {
    "beles-tv": Title(kk="Белес ТВ", ru="Белес ТВ"),
    "kokzhiek-mobile": Title(kk="Көкжиек Мобайл", ru="Кокжиек Мобайл"),
    "qala-su": Title(kk="Қала Су Арнасы", ru="Кала Су Арнасы"),
    "samal-internet": Title(kk="Самал Интернет", ru="Самал Интернет"),
}


@cache
def sample() -> Act:
    """A month of four providers, with corrections of the month before and one item that stays open."""
    naming = Naming(
        bank=Party(name="АО «Tolem Bank»", bin="991240000018"),
        eport=Party(name="ТОО «e-port»", bin="050140000023"),
        contract="№ 17/EP от 12.01.2026",
        titles=_TITLES,
    )
    return composed(_facts(Random(7)), naming)


def drawn() -> Image.Image:
    document = pypdfium2.PdfDocument(act_pdf(sample()))
    picture: Image.Image = document[0].render(scale=_SCALE).to_pil()
    document.close()
    return picture.quantize(_COLOURS)


def _facts(random: Random) -> ActFacts:
    days = MONTH.days()
    return ActFacts(
        point="10001",
        month=MONTH,
        days=tuple(_day(random, day, provider) for day in days for provider in _TITLES),
        registries=tuple(
            DayRegistry(
                day=day,
                registry_id=f"10001-DAY-{number}",
                sha256=hashlib.sha256(str(day).encode()).hexdigest(),
            )
            for number, day in enumerate(days, start=274)
        ),
        adjustments=(
            _adjustment(17, date(2026, 10, 2), "qala-su", -1, -845_000, "Возврат по письму поставщика № 214"),
            _adjustment(
                18, date(2026, 10, 5), "kokzhiek-mobile", 1, 200_000, "Принято e-port 30.09, дошло позже"
            ),
        ),
        open_items=(
            OpenItem(
                case=41,
                day=date(2026, 10, 30),
                kind="ONLY_EPORT",
                provider="samal-internet",
                txn_id="26103000000000071204",
                sum_minor=500_000,
                fee_minor=0,
            ),
        ),
    )


def _day(random: Random, day: date, provider: str) -> ProviderDay:
    count = random.randrange(40, 220)
    amount = sum(random.randrange(200_00, 9_000_00, 50_00) for _ in range(count))
    return ProviderDay(
        day=day, provider=provider, count=count, sum_minor=amount, fee_minor=amount * 15 // 1000
    )


def _adjustment(number: int, day: date, provider: str, count: int, sum_minor: int, reason: str) -> Adjustment:
    return Adjustment(
        number=number,
        day=day,
        about_day=date(2026, 9, 30),
        provider=provider,
        txn_id=f"260930000000000{number:05d}",
        count=count,
        sum_minor=sum_minor,
        fee_minor=sum_minor * 15 // 1000,
        reason=reason,
        decided_by="А. Қасымова",
    )


if __name__ == "__main__":
    drawn().save(PICTURE, optimize=True)
