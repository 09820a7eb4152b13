"""What a participant shows and whom it believes: its own signature, the platform's, and TLS both ways (PROTOCOLS §3.3)."""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Self

from certs.identity import Identity
from certs.pair import Pair
from certs.participants import Participants
from certs.presented import Presented
from certs.revocation import REREAD_EVERY
from certs.shown import Shown
from certs.signer import Signer
from certs.tls import client_context
from gateway.alarms import raise_alarm
from gateway.certificates.files import passphrase_of
from gateway.certificates.files_in_use import Exchanged
from gateway.certificates.watch import Watched
from gateway.transfer_settings import TransfersSection
from spool import CommitFailed, Spool, StoreOverloaded, Transaction

_log = logging.getLogger(__name__)
_FAULTS_KEPT: Final = 16


class RevocationFaults:
    """What is wrong with the revocation lists, told by whichever thread reads them, until it is an alarm."""

    def __init__(self) -> None:
        self._told: deque[str] = deque(maxlen=_FAULTS_KEPT)

    def __call__(self, fault: str) -> None:
        _log.error("transfers.revocation", extra={"fault": fault})
        self._told.append(fault)

    def drain(self) -> list[str]:
        """What was told since the last call."""
        return [self._told.popleft() for _ in range(len(self._told))]


@dataclass(frozen=True)
class TransferCredentials:
    """Made by `load`, before a store is opened: a file may be unusable."""

    signer: Signer
    participants: Participants
    platform: Callable[[], ssl.SSLContext]  # as the platform's client, asked for each attempt
    listener: ssl.SSLContext  # where the platform calls
    faults: RevocationFaults
    watched: tuple[Watched, ...]
    exchanged: tuple[Exchanged, ...]

    @classmethod
    def load(cls, section: TransfersSection, *, now: Callable[[], datetime]) -> Self:
        """Raises CertError, which says what is wrong with which file."""
        passphrase, faults = passphrase_of(section.sign_key_passphrase), RevocationFaults()
        shown, presented = Shown(Pair(section.cert, section.key)), _presented(section)
        return cls(
            signer=Signer.load(section.sign_cert, section.sign_key, now=now, passphrase=passphrase),
            participants=Participants.load(
                {section.platform_bic: section.pins},
                ca=section.sign_ca,
                intermediates=section.sign_intermediates,
                crl=section.sign_crl,
                now=now(),
                alarm=faults,
            ),
            platform=_without_certificate(section) if presented is None else lambda: presented.context,
            listener=shown.listener(section.caller_ca),
            faults=faults,
            watched=tuple(_watched(section, shown, presented)),
            exchanged=tuple(one for one in (shown, presented) if one is not None),
        )

    async def watch(self, spool: Spool) -> None:
        """Until cancelled: read the revocation lists when it is time, without a message too, and say what is wrong."""
        while True:
            await asyncio.to_thread(self.participants.refresh, spool.now())
            told = self.faults.drain()
            try:
                await spool.write(partial(_alarm, told=told))
            except (CommitFailed, StoreOverloaded):
                for fault in told:
                    self.faults(fault)
            await asyncio.sleep(REREAD_EVERY.total_seconds())


def _alarm(tx: Transaction, *, told: list[str]) -> None:
    for fault in told:
        raise_alarm(tx, "transfers_revocation", detail=fault)


def _presented(section: TransfersSection) -> Presented | None:
    if section.client_cert is None or section.client_key is None:
        return None
    return Presented(Pair(section.client_cert, section.client_key), section.ca)


def _without_certificate(section: TransfersSection) -> Callable[[], ssl.SSLContext]:
    """A platform that asks for none."""
    context = client_context(section.ca)
    return lambda: context


def _watched(section: TransfersSection, shown: Shown, presented: Presented | None) -> Iterator[Watched]:
    """Bills go on whatever these say."""
    passphrase = passphrase_of(section.sign_key_passphrase)
    signing = Identity.read(section.sign_cert, section.sign_key, passphrase=passphrase)
    yield Watched("transfers.cert", lambda: shown.identity)
    yield Watched("transfers.sign_cert", lambda: signing)
    if presented is not None:
        yield Watched("transfers.client_cert", lambda: presented.identity, section.ca)
