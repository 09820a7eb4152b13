"""What the platform is told before it starts. Sums in tiyn, times of PROTOCOLS §3.5."""

from dataclasses import dataclass, field, replace
from typing import Self

from certs.throwaway import Issued
from gateway.sandbox.faults import FaultPlan

SERVED = ("admi.009.001.02", "admi.010.001.02", "pacs.008.001.11", "pacs.002.001.13", "pacs.028.001.05")


@dataclass(frozen=True)
class Timers:
    """`resend_seconds`: the gaps between the attempts of one message, at first."""

    connect_seconds: float = 3
    response_seconds: float = 5
    resend_seconds: tuple[float, ...] = (1, 2, 4)
    details_seconds: float = 12  # from admi.009 to the payee's admi.010
    order_life_seconds: float = 40  # from AccptncDtTm; ends the right to commit
    telling_longest_seconds: float = 900  # between two attempts to tell an ending

    def scaled(self, factor: float) -> Self:
        """Every timer times `factor`: a demo takes a hundredth."""
        return replace(
            self,
            connect_seconds=self.connect_seconds * factor,
            response_seconds=self.response_seconds * factor,
            resend_seconds=tuple(gap * factor for gap in self.resend_seconds),
            details_seconds=self.details_seconds * factor,
            order_life_seconds=self.order_life_seconds * factor,
            telling_longest_seconds=self.telling_longest_seconds * factor,
        )


@dataclass(frozen=True)
class Participant:
    """A bank on the platform. `url` None: it cannot be reached yet; `pins` are SHA-256 of its certificates."""

    bank_id: str  # three letters: what its links and identifiers begin with
    bic: str
    url: str | None = None
    pins: frozenset[str] = frozenset()
    position: int = 1_000_000_000_00
    limit: int = 10_000_000_00  # of one transfer that it pays


@dataclass(frozen=True, repr=False)
class PlatformSettings:
    """The platform listens on `host`, its own API on loopback; port 0 is a free one.

    `signing` is what it signs with; without it a certificate is issued at each start, and nobody trusts
    any more what an earlier start had signed and not yet delivered. `mutual_tls`: nobody without a certificate of the sandbox's CA is let in at all.
    """

    host: str = "127.0.0.1"
    port: int = 0
    admin_port: int = 0
    bank_id: str = "NPK"
    bic: str = "NPCKKZKA"
    mutual_tls: bool = False
    signing: Issued | None = None
    participants: tuple[Participant, ...] = ()
    timers: Timers = field(default_factory=Timers)
    faults: FaultPlan = field(default_factory=FaultPlan)
