"""An act out of its facts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gateway.act.document import (
    Act,
    Adjusted,
    Day,
    Open,
    Party,
    ProviderSums,
    Sums,
    Title,
    provider_lines,
    sum_of,
)
from gateway.act.facts import ActFacts, Adjustment, OpenItem, ProviderDay


@dataclass(frozen=True)
class Naming:
    """Who the parties are, and what providers are called: as it is now, or as the act that was signed has it."""

    bank: Party
    eport: Party
    contract: str
    titles: Mapping[str, Title]

    @classmethod
    def of(cls, act: Act) -> "Naming":
        titles = {line.provider: line.title for line in act.providers}
        return cls(act.bank, act.eport, act.contract, titles)


class OpenDaysError(ValueError):
    """The month has days that are not closed."""

    def __init__(self, days: tuple[date, ...]) -> None:
        super().__init__(", ".join(map(str, days)))
        self.days = days


def composed(facts: ActFacts, naming: Naming) -> Act:
    """Raises OpenDaysError. A provider without a title is called by its code."""
    if missing := facts.open_days():
        raise OpenDaysError(missing)
    days = tuple(
        Day(
            day=registry.day,
            registry_id=registry.registry_id,
            registry_sha256=registry.sha256,
            providers=tuple(_provider(row) for row in facts.days if row.day == registry.day),
        )
        for registry in facts.registries
    )
    adjustments = tuple(map(_adjusted, facts.adjustments))
    lines = provider_lines(days, adjustments, _titles(facts, naming))
    return Act(
        point=facts.point,
        month=str(facts.month),
        contract=naming.contract,
        bank=naming.bank,
        eport=naming.eport,
        days=days,
        adjustments=adjustments,
        open_items=tuple(map(_open, facts.open_items)),
        providers=lines,
        accepted=sum_of(line.accepted for line in lines),
    )


def _titles(facts: ActFacts, naming: Naming) -> dict[str, Title]:
    """Of those alone with whom anything happened; an item that is open has happened."""
    codes = {
        *(row.provider for row in facts.days),
        *(row.provider for row in facts.adjustments),
        *(row.provider for row in facts.open_items),
    }
    return {code: naming.titles.get(code) or _untitled(code) for code in codes}


def _untitled(code: str) -> Title:
    """A provider that left the catalogue; '' is that of products which no catalogue has."""
    return Title(kk=code or "–", ru=code or "–")


def _provider(row: ProviderDay) -> ProviderSums:
    return ProviderSums(provider=row.provider, sums=_sums(row))


def _sums(row: ProviderDay | Adjustment) -> Sums:
    return Sums(count=row.count, sum=row.sum_minor, fee=row.fee_minor)


def _adjusted(row: Adjustment) -> Adjusted:
    return Adjusted(
        number=row.number,
        day=row.day,
        about_day=row.about_day,
        provider=row.provider,
        txn_id=row.txn_id,
        sums=_sums(row),
        reason=row.reason,
        decided_by=row.decided_by,
    )


def _open(row: OpenItem) -> Open:
    return Open(
        case=row.case,
        day=row.day,
        kind=row.kind,
        provider=row.provider,
        txn_id=row.txn_id,
        sum=row.sum_minor,
        fee=row.fee_minor,
    )
