"""What a gateway has of reconciliation, put together from its settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.bills.moves import Moves
from gateway.providers.product import Catalogue
from gateway.reconciliation.commands import ReconciliationCommands
from gateway.reconciliation.comparison import ProviderOf
from gateway.reconciliation.download import DailySource
from gateway.reconciliation.intake import Intake
from gateway.reconciliation.reconciler import Reconciler
from gateway.reconciliation.rounds import DailyRounds
from gateway.settings import GatewaySettings
from spool import Store


@dataclass(frozen=True)
class Reconciliation:
    rounds: DailyRounds
    reconciler: Reconciler
    commands: ReconciliationCommands


def reconciliation_of(  # noqa: PLR0913 - what it works on, and what of the world is injected
    spool: Store,
    moves: Moves,
    settings: GatewaySettings,
    source: DailySource | None,
    catalogue: Callable[[], Catalogue],
    *,
    time_zone: ZoneInfo,
    now: Callable[[], datetime],
) -> Reconciliation:
    """`source` None: nobody is asked for registries; the commands for what is there work all the same."""
    timers = settings.timers
    intake = Intake(spool, point=settings.eport.point, zone=time_zone)
    reconciler = Reconciler(
        spool,
        moves,
        zone=time_zone,
        provider_of=provider_of(catalogue),
        releases_missing=settings.eport.releases_missing,
    )
    rounds = DailyRounds(
        spool,
        intake,
        reconciler,
        source,
        zone=time_zone,
        now=now,
        look_seconds=timers.daily_look_seconds,
        retry_seconds=timers.daily_retry_seconds,
        late_seconds=timers.daily_late_seconds,
    )
    return Reconciliation(rounds, reconciler, ReconciliationCommands(spool, rounds, reconciler, now=now))


def provider_of(catalogue: Callable[[], Catalogue]) -> ProviderOf:
    """By the catalogue in force; '' for a product that it does not have."""

    def find(product_id: str) -> str:
        product = catalogue().product(product_id)
        return "" if product is None else product.provider

    return find
