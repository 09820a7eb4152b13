from dataclasses import replace
from datetime import date

import pytest

from gateway.act.composed import Naming, composed
from gateway.act.document import Act, Party, Title
from gateway.act.facts import ActFacts, Adjustment, DayRegistry, OpenItem, ProviderDay
from gateway.act.month import Month

MONTH = Month(2026, 10)
PROVIDERS = ("beeline-kz", "kokzhiek-mobile", "samal-internet")


@pytest.fixture
def facts() -> ActFacts:
    """A month of 31 closed days, of which Sundays are empty; two corrections of September, one item open."""
    working = [day for day in MONTH.days() if day.weekday() != 6]
    days = tuple(
        ProviderDay(
            day=day,
            provider=provider,
            count=day.day * (place + 1),
            sum_minor=day.day * 1_234_567 + place,
            fee_minor=day.day * 111 * place,
        )
        for day in working
        for place, provider in enumerate(PROVIDERS)
    )
    registries = tuple(
        DayRegistry(day=day, registry_id=f"10001-DAY-{n}", sha256=f"{n:064x}")
        for n, day in enumerate(MONTH.days(), start=304)
    )
    return ActFacts(
        point="10001",
        month=MONTH,
        days=days,
        registries=registries,
        adjustments=(_adjustment(7, -1, -150_000, -4_500), _adjustment(8, 1, 20_050, 0)),
        open_items=(
            OpenItem(
                case=41,
                day=date(2026, 10, 30),
                kind="ONLY_EPORT",
                provider="samal-internet",
                txn_id="26103000000000000041",
                sum_minor=500_000,
                fee_minor=0,
            ),
        ),
    )


def _adjustment(number: int, count: int, sum_minor: int, fee_minor: int) -> Adjustment:
    return Adjustment(
        number=number,
        day=date(2026, 10, 2),
        about_day=date(2026, 9, 29),
        provider="kokzhiek-mobile",
        txn_id=f"2609290000000000000{number}",
        count=count,
        sum_minor=sum_minor,
        fee_minor=fee_minor,
        reason="Отозвано провайдером по письму № 17",
        decided_by="Айгерім Қ.",
    )


@pytest.fixture
def naming() -> Naming:
    return Naming(
        bank=Party(name="АО «Банк Төлем»", bin="991240000018"),
        eport=Party(name="ТОО «и-Порт»", bin="050140000023"),
        contract="№ 17/EP от 12.01.2026",
        titles={
            "kokzhiek-mobile": Title(kk="Көкжиек Мобайл", ru="Кокжиек Мобайл"),
            "samal-internet": Title(kk="Самал Интернет", ru="Самал Интернет"),
            "nobody": Title(kk="Ешкім", ru="Никто"),
        },
    )


@pytest.fixture
def act(facts: ActFacts, naming: Naming) -> Act:
    return composed(facts, naming)


@pytest.fixture
def empty(facts: ActFacts) -> ActFacts:
    return replace(facts, days=(), adjustments=(), open_items=())
