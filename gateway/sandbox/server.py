"""The sandbox as a whole: e-port, card host and central system on free or given ports, with a CA of their own."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from certs.identity import Identity
from certs.throwaway import Issued, ThrowawayCa
from certs.tls import server_context
from gateway.sandbox.admin import AdminServer, Sides
from gateway.sandbox.books import CardRow, EportRow
from gateway.sandbox.card_book import CardBook
from gateway.sandbox.card_host import CardHostServer
from gateway.sandbox.central import CentralServer
from gateway.sandbox.eport import EportServer
from gateway.sandbox.eport_book import FIRST_EPORT_ID, EportBook
from gateway.sandbox.eport_days import Days
from gateway.sandbox.faults import FaultPlan
from gateway.sandbox.issuer import Issuer
from gateway.sandbox.ledger import Ledger
from gateway.sandbox.provider import Provider
from gateway.sandbox.registry_book import SCHEMA as REGISTRY_SCHEMA
from gateway.sandbox.registry_book import RegistryBook
from gateway.sandbox.registry_comparison import RegistryRow
from gateway.sandbox.settings import SandboxSettings
from gateway.sandbox.transfer_books import CreditRow

_TOKEN_KEY_BYTES: Final = 32
_LOOPBACK: Final = "127.0.0.1"  # the sandbox's own API knows no passwords


def _system_time() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: where it listens, the files its clients need, and its books."""

    eport_url: str
    card_host: tuple[str, int]
    central_url: str
    admin_url: str
    ca: Path  # what a client trusts, for e-port, central system and a card host with TLS
    bank: Issued  # the bank's personal certificate and its key
    issuer: ThrowawayCa  # for a second bank, a foreign certificate, an expired one
    faults: FaultPlan  # may be changed at any time
    _eport_book: EportBook
    _card_book: CardBook
    _central_book: RegistryBook

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        folder: Path,
        settings: SandboxSettings | None = None,
        *,
        now: Callable[[], datetime] = _system_time,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> AsyncIterator["Sandbox"]:
        """Start everything in `folder`, which keeps the three ledgers; the certificates are made anew.

        `now` is the clock of e-port, card host and central system; certificates go by the system's, as TLS does.
        """
        settings = settings or SandboxSettings()
        plan = settings.faults
        ca = ThrowawayCa(folder / "certs", now=_system_time, name="Tolem sandbox CA")
        bank = ca.issue(settings.common_name, server_names=())
        own = ca.issue("localhost")
        identity = Identity.load(own.certificate, own.key, now=_system_time)
        async with AsyncExitStack() as stack:
            eport_book = EportBook(folder / "eport.db", now=now)
            stack.callback(eport_book.ledger.close)
            card_book = CardBook(folder / "card-host.db", now=now)
            stack.callback(card_book.ledger.close)
            central_book = RegistryBook(Ledger(folder / "central.db", REGISTRY_SCHEMA, now=now))
            stack.callback(central_book.ledger.close)
            closes = settings.day_closes_after
            days = Days(eport_book.ledger, closes_after=closes, first_eport_id=FIRST_EPORT_ID, now=now)
            provider = Provider(eport_book, days, settings.limits, now=now)
            issuer = Issuer(card_book, settings.card_host, now=now, key=random_bytes(_TOKEN_KEY_BYTES))
            eport = EportServer(eport_book, days, provider, plan, settings.points)
            stack.push_async_callback(eport.close)
            card_host = CardHostServer(card_book, issuer, plan)
            stack.push_async_callback(card_host.close)
            central = CentralServer(central_book, plan, settings.points)
            stack.push_async_callback(central.close)
            admin = AdminServer(Sides(eport_book, days, provider, card_book, central_book, plan, ca))
            stack.push_async_callback(admin.close)
            mutual_tls = server_context(identity, ca.ca_path)
            card_tls = server_context(identity) if settings.card_host_tls else None
            host = settings.host
            eport_port = await eport.start(host, settings.eport_port, mutual_tls)
            card_port = await card_host.start(host, settings.card_host_port, card_tls)
            central_port = await central.start(host, settings.central_port, mutual_tls)
            admin_port = await admin.start(_LOOPBACK, settings.admin_port)
            yield cls(
                eport_url=f"https://{_LOOPBACK}:{eport_port}",
                card_host=(host, card_port),
                central_url=f"https://{_LOOPBACK}:{central_port}",
                admin_url=f"http://{_LOOPBACK}:{admin_port}",
                ca=ca.ca_path,
                bank=bank,
                issuer=ca,
                faults=plan,
                _eport_book=eport_book,
                _card_book=card_book,
                _central_book=central_book,
            )

    def eport_rows(self) -> list[EportRow]:
        """e-port's ledger, for `books.compare`."""
        return self._eport_book.rows()

    def card_rows(self) -> list[CardRow]:
        """The card host's ledger, for `books.compare`."""
        return self._card_book.rows()

    def credit_rows(self) -> list[CreditRow]:
        """The card host's credits of payees, for `transfer_books.compare_transfers`."""
        return self._card_book.transfers.rows()

    def eport_registry_rows(self) -> list[RegistryRow]:
        """What the technical registries told e-port, for `registry_comparison`."""
        return self._eport_book.registries.rows()

    def central_rows(self) -> list[RegistryRow]:
        """The central system's ledger, for `registry_comparison`."""
        return self._central_book.rows()

    async def until_cancelled(self) -> None:
        """For a process that is nothing but a sandbox."""
        await asyncio.Event().wait()
