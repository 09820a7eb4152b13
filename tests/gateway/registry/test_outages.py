"""Three hours without the link, without e-port, without our own process: then the sandbox's books have every operation."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.registry.changes import record
from gateway.registry.exchange import Exchange, Refused, Unanswered
from gateway.registry.layout import Kind, Status
from gateway.registry.rounds import Rounds
from gateway.registry.upload import FINAL_REFUSALS, acknowledgement, headers_of
from gateway.sandbox.books import EportRow, GatewayRow
from gateway.sandbox.faults import FaultPlan
from gateway.sandbox.ledger import Ledger
from gateway.sandbox.registry_book import SCHEMA, RegistryBook
from gateway.sandbox.registry_comparison import compare_registry
from gateway.sandbox.registry_desk import RegistryDesk
from spool import Breakers, BreakerSettings, Forwarder
from tests.gateway.registry.conftest import BEGAN, SCHEDULE, SERIES, alarm, operation

HOUR = 3600.0
BANK = replace(
    SERIES[0], kind=Kind.BANK, name="10001-BANK-", entry_kind="registry.bank", destination="central"
)
BOTH = (*SERIES, BANK)
STATES = {Status.PENDING: "PENDING", Status.ACCEPTED: "PAID", Status.REFUSED: "RELEASED"}


class Shown(ssl.SSLObject):
    """The bank's side of a handshake that went well."""

    def __init__(self, certificate: bytes) -> None:
        self._certificate = certificate

    def getpeercert(self, *, binary_form):
        assert binary_form
        return self._certificate


@dataclass
class Desk:
    """The sandbox's desk behind a link that may be down, or bring the question and lose the answer."""

    desk: RegistryDesk
    certificate: bytes
    link: bool = True
    serves: bool = True
    loses_answers: int = 0
    refusals: list[str] = field(default_factory=list)

    async def send(self, registry, content):
        if not self.link:
            return Unanswered("no answer in time")
        if not self.serves:
            return Unanswered("HTTP 503")
        body = b"".join([piece async for piece in content])
        response = await self.desk.post(self._request(registry, body))
        if self.loses_answers:
            self.loses_answers -= 1
            return Unanswered("no answer in time")
        if response.status != 200:
            self.refusals.append(response.text)
            said = f"HTTP {response.status}"
            return Refused(said) if response.status in FINAL_REFUSALS else Unanswered(said)
        return acknowledgement(response.body)

    def _request(self, registry, body: bytes):
        loop = asyncio.get_running_loop()
        payload = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
        payload.feed_data(body)
        payload.feed_eof()
        line = asyncio.Transport({"ssl_object": Shown(self.certificate)})
        return make_mocked_request(
            "POST", "/registry", headers=headers_of(registry), payload=payload, transport=line
        )


@dataclass
class Bank:
    """What really happened: how each operation stands."""

    statuses: dict[int, Status] = field(default_factory=dict)

    async def changes(self, spool, n: int, status: Status) -> None:
        await spool.write(lambda tx: record(tx, f"payment-{n}", operation(n, status), Kind.TECH))
        self.statuses[n] = status

    async def works(self, spool, first: int, count: int) -> None:
        """An operation every ten minutes, which ends five minutes later; one in three is refused."""
        for n in range(first, first + count):
            await self.changes(spool, n, Status.PENDING)
            await asyncio.sleep(300)
            await self.changes(spool, n, Status.ACCEPTED if n % 3 else Status.REFUSED)
            await asyncio.sleep(300)

    def rows(self) -> tuple[list[GatewayRow], list[EportRow]]:
        ours, eports = [], []
        for n, status in self.statuses.items():
            one = operation(n, status)
            sums = {name: getattr(one, name).minor for name in ("sum", "fee", "total")}
            same = {"terminal": one.terminal, "txn_id": one.txn_id, "rrn": one.rrn, **sums}
            ours.append(GatewayRow(payment_id=f"payment-{n}", state=STATES[status], **same))
            eports.append(
                EportRow(point="10001", product=one.product, account=one.account, status=status, **same)
            )
        return ours, eports


@pytest.fixture
def desks(tmp_path, throwaway_ca, wall):
    """By the spool's kind of entry; each has a book of its own."""
    path, _ = throwaway_ca.issue("10001", server_names=())
    certificate = x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER)
    stopping = asyncio.Event()
    return {
        one.entry_kind: Desk(
            RegistryDesk(
                wire=one.destination,
                kind=one.kind,
                book=RegistryBook(Ledger(tmp_path / f"{one.kind}.db", SCHEMA, now=lambda: BEGAN)),
                plan=FaultPlan(),
                points={"10001": frozenset({"10001"})},
                stopping=stopping,
            ),
            certificate,
        )
        for one in BOTH
    }


@pytest.fixture
def life(open_store, wall, desks):
    """`async with life() as spool`: one life of the process."""

    @asynccontextmanager
    async def one():
        async with await open_store() as spool:
            rounds = Rounds(spool, BOTH, now=wall, raise_alarm=alarm)
            exchange = Exchange(spool, BOTH, desks, schedule=SCHEDULE, raise_alarm=alarm)
            forwarder = Forwarder(
                spool, exchange.routes(), breakers=Breakers(spool, BreakerSettings(opens_after=1000))
            )
            running = [asyncio.create_task(forwarder.run()), asyncio.create_task(rounds.run())]
            try:
                yield spool
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)

    return one


def assert_every_book_agrees(desks, bank: Bank, windows: int) -> None:
    ours, eports = bank.rows()
    for name, desk in desks.items():
        book = desk.desk.book
        comparison = compare_registry(name, book.rows(), gateway=ours, eport=eports)
        assert comparison.findings == []
        assert comparison.operations == len(bank.statuses)
        numbers = [row["n"] for row in book.registries()]
        assert numbers[0] == 1
        assert all(later == n + 1 for n, later in pairwise(numbers))
        assert len(numbers) == windows
        assert desk.refusals == []


@pytest.mark.parametrize("broken", ["link", "serves"])
def test_three_hours_without_the_link_or_without_eport(simulate, life, desks, broken) -> None:
    bank = Bank()

    async def main() -> None:
        async with life() as spool:
            await bank.works(spool, 1, 6)
            for desk in desks.values():
                setattr(desk, broken, False)
            await bank.works(spool, 7, 18)
            assert {len(desk.desk.book.registries()) for desk in desks.values()} == {2}
            for desk in desks.values():
                setattr(desk, broken, True)
                desk.loses_answers = 2
            await bank.works(spool, 25, 6)
            await asyncio.sleep(HOUR)

    simulate(main())
    assert_every_book_agrees(desks, bank, 12)


def test_three_hours_without_our_own_process(simulate, life, desks) -> None:
    bank = Bank()

    async def main() -> None:
        async with life() as spool:
            await bank.works(spool, 1, 6)
            await bank.changes(spool, 7, Status.PENDING)
        await asyncio.sleep(3 * HOUR)
        async with life() as spool:
            await bank.changes(spool, 7, Status.REFUSED)
            await bank.works(spool, 8, 6)
            await asyncio.sleep(HOUR)

    simulate(main())
    assert_every_book_agrees(desks, bank, 12)
