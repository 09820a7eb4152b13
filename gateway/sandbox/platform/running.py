"""The platform as a whole: its server, courier, deadlines and API over one ledger, with a CA if it was given none."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from certs.identity import Identity
from certs.throwaway import ThrowawayCa
from certs.tls import client_context, server_context
from gateway.sandbox.faults import FaultName, FaultPlan, Occasion
from gateway.sandbox.ledger import Seen
from gateway.sandbox.platform.admin import PlatformAdmin
from gateway.sandbox.platform.book import PlatformBook
from gateway.sandbox.platform.clearing import Clearing
from gateway.sandbox.platform.courier import Courier
from gateway.sandbox.platform.desk import Desk, Party
from gateway.sandbox.platform.outbox import Outbox
from gateway.sandbox.platform.server import PlatformServer
from gateway.sandbox.platform.settings import Participant, PlatformSettings
from gateway.sandbox.platform.signatures import Signer
from gateway.sandbox.platform.waiting import Deadlines
from gateway.sandbox.transfer_books import PlatformRow

_LOOPBACK: Final = "127.0.0.1"  # the platform's own API knows no passwords


def _system_time() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Platform:
    """A running platform: where it listens, what its participants need, and its ledger."""

    url: str  # without /v1/…
    admin_url: str
    bank_id: str
    bic: str
    ca: Path  # what participants trust, for TLS and for the platform's signatures
    certificate: Path  # what the platform signs with
    pin: str  # its SHA-256, lower-case hex
    issuer: ThrowawayCa  # for the participants' certificates: theirs are to be of the same CA
    faults: FaultPlan  # may be changed at any time
    _book: PlatformBook

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        folder: Path,
        settings: PlatformSettings | None = None,
        *,
        issuer: ThrowawayCa | None = None,
        now: Callable[[], datetime] = _system_time,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> AsyncIterator["Platform"]:
        """Start in `folder`, which is there and keeps the ledger: what was left undone there goes on.

        `issuer` is the CA of everybody's certificates; without one the platform makes its own. `now` is
        its clock; TLS goes by the system's.
        """
        settings = settings or PlatformSettings()
        ca = issuer or ThrowawayCa(folder / "platform-certs", now=_system_time, name="Tolem platform CA")
        identity = Identity.load(*ca.issue("localhost"), now=_system_time)
        issued = settings.signing or ca.issue(settings.bic, server_names=())
        signer, trusted = Signer(issued), x509.load_pem_x509_certificate(ca.ca_path.read_bytes())
        plan, timers = settings.faults, settings.timers
        async with AsyncExitStack() as stack:
            book = PlatformBook(folder / "platform.db", now=now)
            stack.callback(book.ledger.close)
            book.participants.join_all(settings.participants)
            outbox = Outbox(book, settings, signer, now=now, random_bytes=random_bytes)
            refuses = partial(_refuses, plan, book)
            clearing = Clearing(book, outbox, timers.order_life_seconds, now=now, refuses=refuses)
            courier = Courier(book, clearing, plan, timers, client_context(ca.ca_path, identity))
            stack.push_async_callback(courier.close)
            deadlines = Deadlines(book, clearing, timers, courier.wake, now=now)
            stack.callback(deadlines.close)
            desk = Desk(settings.bic, signer, trusted, partial(_owner_of, book), now=now)
            server = PlatformServer(book, clearing, desk, courier=courier, deadlines=deadlines, plan=plan)
            stack.push_async_callback(server.close)
            admin = PlatformAdmin(book, plan, ca)
            stack.push_async_callback(admin.close)
            tls = server_context(identity, ca.ca_path if settings.mutual_tls else None)
            port = await server.start(settings.host, settings.port, tls)
            admin_port = await admin.start(_LOOPBACK, settings.admin_port)
            await courier.start()
            deadlines.wake()
            yield cls(
                url=f"https://{_LOOPBACK}:{port}",
                admin_url=f"http://{_LOOPBACK}:{admin_port}",
                bank_id=settings.bank_id,
                bic=settings.bic,
                ca=ca.ca_path,
                certificate=issued.certificate,
                pin=signer.fingerprint,
                issuer=ca,
                faults=plan,
                _book=book,
            )

    def join(self, participant: Participant) -> None:
        """Tell a participant's address and pins, when they are known; its position stays."""
        self._book.participants.join_all([participant])

    def rows(self) -> list[PlatformRow]:
        """The platform's ledger, for `transfer_books.compare_transfers`."""
        return self._book.rows()

    def chain(self, end_to_end_id: str) -> list[dict[str, Any]]:
        """Every message of one chain, in both directions; no bytes."""
        return self._book.chain(end_to_end_id)

    def log(self, last: int = 200) -> list[dict[str, Any]]:
        """The last requests and attempts, newest first."""
        return self._book.ledger.last_seen(last)

    def positions(self) -> dict[str, int]:
        """What each participant has, without what is blocked; tiyn."""
        return {one.bank_id: one.position for one in self._book.participants.all()}

    def blocked(self) -> dict[str, int]:
        """What each participant's open transfers have blocked; tiyn."""
        return self._book.participants.blocked()


def _owner_of(book: PlatformBook, fingerprint: str) -> Party | None:
    owners = [one for one in book.participants.all() if fingerprint in one.pins]
    return Party(owners[0].bank_id, owners[0].bic) if len(owners) == 1 else None


def _refuses(plan: FaultPlan, book: PlatformBook, step: str, end_to_end_id: str) -> int | None:
    """The dice of a `refuse` that meets a step of the platform's own."""
    attempt = book.ledger.seen_before(step, end_to_end_id) + 1
    fault = plan.choose(Occasion("platform", step, end_to_end_id, attempt))
    says = "done" if fault is None else str(fault)
    book.ledger.record(Seen(step, says, identifier=end_to_end_id, fault=None if fault is None else says))
    return fault.dice if fault is not None and fault.name is FaultName.REFUSE else None
