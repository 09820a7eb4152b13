"""What a sandbox is told before it starts. Sums in tiyn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.sandbox.faults import FaultPlan


@dataclass(frozen=True)
class Limits:
    """What e-port takes for one payment, whatever the product; both inclusive."""

    min_sum: int = 1_00
    max_sum: int = 1_000_000_00


@dataclass(frozen=True, repr=False)
class KnownCard:
    """A card that is known before its first hold. `answers`: field 39 given to every hold of it."""

    pan: str
    balance: int
    pin: str = "1234"
    answers: str | None = None


@dataclass(frozen=True, repr=False)
class CardHostSettings:
    """`acquirer` and `merchant` None: any. Without `bdk` no PIN is verified. Balances in tiyn."""

    acquirer: str | None = None
    merchant: str | None = None
    bdk: bytes | None = None
    default_balance: int = 100_000_000_00
    default_pin: str = "1234"
    cards: tuple[KnownCard, ...] = ()


def _one_point() -> Mapping[str, frozenset[str]]:
    return {"10001": frozenset({"tolem-gateway"})}


@dataclass(frozen=True, repr=False)
class SandboxSettings:
    """e-port, the card host and the central system listen on `host`, the sandbox's own API on loopback; port 0 is a free one.

    `points` says which common names speak for which point. The bank's personal certificate is issued
    to `common_name`; a point with another name shows how 403 looks. A day of
    Asia/Almaty is closed by the clock `day_closes_after` its end.
    """

    host: str = "127.0.0.1"
    eport_port: int = 0
    card_host_port: int = 0
    admin_port: int = 0
    central_port: int = 0
    card_host_tls: bool = False
    common_name: str = "tolem-gateway"
    points: Mapping[str, frozenset[str]] = field(default_factory=_one_point)
    day_closes_after: timedelta = timedelta(hours=2)
    limits: Limits = field(default_factory=Limits)
    card_host: CardHostSettings = field(default_factory=CardHostSettings)
    faults: FaultPlan = field(default_factory=FaultPlan)
