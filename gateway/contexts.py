"""TLS towards each side, from the files that the settings name; a file that was replaced is taken while it is used."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from certs.authority import Authority
from certs.pair import Pair
from certs.presented import Presented
from certs.shown import Shown
from certs.tls import client_context
from gateway.c2b2e.credentials import TransferCredentials
from gateway.certificates.files import eport_pair, terminal_authority
from gateway.certificates.files_in_use import Exchanged
from gateway.certificates.watch import Watched
from gateway.registry.layout import Kind
from gateway.settings import CardHostSection, CentralSection, GatewaySettings

Tls = Callable[[], ssl.SSLContext]
"""Asked for each connection."""


@dataclass(frozen=True)
class Contexts:
    """Made before anything is opened, since a certificate may be unusable.

    `exchanged`: every pair of ours besides e-port's, which is tried before it is taken.
    """

    eport: Presented
    card_host: Tls | None
    central: Tls | None
    readers: Mapping[Kind, ssl.SSLContext]  # who fetches registries, by their kind
    listener: ssl.SSLContext | None
    enrolment: ssl.SSLContext | None  # asks nobody for a certificate; one call is heard there
    authority: Authority | None
    transfers: TransferCredentials | None
    watched: tuple[Watched, ...]
    exchanged: tuple[Exchanged, ...]

    @classmethod
    def of(cls, settings: GatewaySettings, *, now: Callable[[], datetime]) -> "Contexts":
        """Raises CertError, which says what is wrong with which file."""
        bank, own, host, other = settings.eport, settings.gateway, settings.card_host, settings.central
        eport = Presented(eport_pair(bank), bank.ca, bank.crl)
        shown, at_host, at_central = _shown(settings), _at_card_host(host), _at_central(other)
        watched = [_watched("eport.client_cert", eport, bank.ca, bank.crl, payments=True)]
        if shown is not None:
            watched.append(_watched("gateway.cert", shown))
        if at_host is not None:
            watched.append(_watched("card_host.client_cert", at_host, host.ca, payments=True))
        if other is not None and at_central is not None:
            watched.append(_watched("central.client_cert", at_central, other.ca))
        exchanged: list[Exchanged] = [one for one in (shown, at_host, at_central) if one is not None]
        transfers = (
            None if settings.transfers is None else TransferCredentials.load(settings.transfers, now=now)
        )
        if transfers is not None:
            watched += transfers.watched
            exchanged += transfers.exchanged
        return cls(
            eport=eport,
            card_host=_of(at_host) or _without_certificate(host),
            central=_of(at_central),
            readers={} if shown is None else _readers(settings, shown),
            listener=None if shown is None else shown.listener(own.terminal_ca),
            enrolment=None if shown is None else shown.listener(),
            authority=terminal_authority(own),
            transfers=transfers,
            watched=tuple(watched),
            exchanged=tuple(exchanged),
        )

    def refuse_expired(self, now: datetime) -> None:
        """Raises CertificateExpiredError at a start; one that ends later stops payments, not the process."""
        for watched in self.watched:
            watched.identity().refuse_expired(now)


def _watched(
    part: str,
    exchanged: Exchanged,
    ca: Path | None = None,
    crl: Path | None = None,
    *,
    payments: bool = False,
) -> Watched:
    return Watched(part, lambda: exchanged.identity, ca, crl, payments)


def _of(presented: Presented | None) -> Tls | None:
    return None if presented is None else lambda: presented.context


def _shown(settings: GatewaySettings) -> Shown | None:
    """To who calls us; None where our own user's socket is all that is heard."""
    own, receivers, office = settings.gateway, (settings.eport, settings.central), settings.office
    serves = any(one is not None and one.serves_registries for one in receivers)
    heard = own.listen is not None or serves or (office is not None and office.tls)
    if not heard or own.cert is None or own.key is None:
        return None
    return Shown(Pair(own.cert, own.key))


def _at_card_host(host: CardHostSection) -> Presented | None:
    if not host.tls or host.ca is None or host.client_cert is None or host.client_key is None:
        return None
    return Presented(Pair(host.client_cert, host.client_key), host.ca)


def _without_certificate(host: CardHostSection) -> Tls | None:
    """A card host that asks for none."""
    if not host.tls or host.ca is None:
        return None
    context = client_context(host.ca)
    return lambda: context


def _at_central(central: CentralSection | None) -> Presented | None:
    if central is None or central.client_cert is None or central.client_key is None:
        return None
    return Presented(Pair(central.client_cert, central.client_key), central.ca)


def _readers(settings: GatewaySettings, shown: Shown) -> Mapping[Kind, ssl.SSLContext]:
    """Each at a listener of its own, so that no other receiver's CA can give out its name."""
    eport, central = settings.eport, settings.central
    readers = {}
    if eport.serves_registries:
        readers[Kind.TECH] = shown.listener(eport.ca, eport.crl)
    if central is not None and central.serves_registries:
        readers[Kind.BANK] = shown.listener(central.ca)
    return readers
