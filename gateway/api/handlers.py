"""What each call does, by its name in the table: from an `Asked` to an `Answer`, knowing no HTTP."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway import metrics
from gateway.alarms import alarm_counts
from gateway.api import openapi
from gateway.api.requests import Asked
from gateway.api.server import Answer, Handler, answer_again, answer_with
from gateway.api.terminal_events import take_events
from gateway.api.transfer_handlers import TransferHandlers
from gateway.bills.billing import Billing
from gateway.bills.checking import Checking
from gateway.bills.payment_states import State
from gateway.bills.readiness import ReadinessGate
from gateway.bills.views import has_outcome
from gateway.certificates.watch import CertificateWatch
from gateway.contract import EventsTaken
from gateway.enrolment.signing import Signing
from gateway.idempotency import Finish, Once, Reply
from gateway.metrics import MoveCounter
from gateway.problems import ProblemError
from gateway.publishing.in_force import Served
from gateway.registry.overview import standing
from gateway.registry.terminals import TerminalRegistries
from spool import Spool, Transaction


class Handlers:
    """For terminals: the calls of `api_table.TERMINAL_CALLS`."""

    def __init__(  # noqa: PLR0913 - what the calls are answered from
        self,
        *,
        billing: Billing,
        checking: Checking,
        once: Once,
        gate: ReadinessGate,
        signing: Signing,
        catalogue: Callable[[], Served],
        registries: TerminalRegistries,
        transfers: TransferHandlers,
    ) -> None:
        self._billing = billing
        self._checking = checking
        self._once = once
        self._gate = gate
        self._signing = signing
        self._catalogue = catalogue
        self._registries = registries
        self._transfers = transfers

    def by_name(self) -> Mapping[str, Handler]:
        return {
            "catalogue": self._serve_catalogue,
            "check": self._check,
            "put_payment": self._put_payment,
            "get_payment": self._get_payment,
            "resolve_payment": self._resolve_payment,
            **self._transfers.by_name(),
            "events": self._events,
            "renew_certificate": self._renew_certificate,
            "enrol": self._enrol,
            "put_registry": self._put_registry,
            "get_registry": self._get_registry,
            "readiness": self._readiness,
            "openapi": _openapi,
        }

    async def _serve_catalogue(self, _: Asked) -> Answer:
        served = self._catalogue()
        return Answer(served.content, tag=served.tag)

    async def _check(self, asked: Asked) -> Answer:
        async def prepare() -> Finish:
            return await self._checking.check(asked.terminal, asked.body)

        return answer_again(
            await self._once.answer(f"check {asked.terminal}", asked.key, asked.content, prepare)
        )

    async def _put_payment(self, asked: Asked) -> Answer:
        view = await self._billing.pay(
            asked.terminal,
            asked.payment_id,
            asked.body,
            content=asked.content,
            wait_seconds=asked.wait_seconds,
        )
        return answer_with(view, status=200 if has_outcome(State(view.state)) else 202)

    async def _get_payment(self, asked: Asked) -> Answer:
        return answer_with(
            await self._billing.see(asked.terminal, asked.payment_id, wait_seconds=asked.wait_seconds)
        )

    async def _resolve_payment(self, asked: Asked) -> Answer:
        def finish(tx: Transaction) -> Reply:
            found = self._billing.resolve(tx, asked.terminal, asked.payment_id)
            return Reply(200, found.model_dump_json().encode())

        return await self._at_once("resolve", asked, finish)

    async def _events(self, asked: Asked) -> Answer:
        def finish(tx: Transaction) -> Reply:
            taken = EventsTaken(taken_up_to=take_events(tx, asked.terminal, asked.body.events))
            return Reply(200, taken.model_dump_json().encode())

        return await self._at_once("events", asked, finish)

    async def _put_registry(self, asked: Asked) -> Answer:
        return Answer(await self._registries.put(asked.terminal, asked.number, asked.body))

    async def _get_registry(self, asked: Asked) -> Answer:
        return answer_with(await self._registries.standing(asked.terminal))

    async def _enrol(self, asked: Asked) -> Answer:
        async def prepare() -> Finish:
            return await self._signing.enrol(asked.body)

        scope = f"enrol {asked.body.terminal}"
        return answer_again(await self._once.answer(scope, asked.key, asked.content, prepare))

    async def _renew_certificate(self, asked: Asked) -> Answer:
        if not asked.certificate:
            raise ProblemError("not_signing", "only a terminal's own certificate can be renewed")

        async def prepare() -> Finish:
            return await self._signing.renew(asked.terminal, asked.certificate, asked.body)

        scope = f"renew {asked.terminal}"
        return answer_again(await self._once.answer(scope, asked.key, asked.content, prepare))

    async def _readiness(self, _: Asked) -> Answer:
        return answer_with(self._gate.answer())

    async def _at_once(self, call: str, asked: Asked, finish: Finish) -> Answer:
        async def prepare() -> Finish:
            return finish

        return answer_again(
            await self._once.answer(f"{call} {asked.terminal}", asked.key, asked.content, prepare)
        )


class MonitorHandlers:
    """For whoever watches the process: the calls of `api_table.MONITOR_CALLS`."""

    def __init__(
        self,
        *,
        spool: Spool,
        gate: ReadinessGate,
        moves: MoveCounter,
        certificates: CertificateWatch,
        catalogue: Callable[[], Served],
    ) -> None:
        self._spool = spool
        self._catalogue = catalogue
        self._certificates = certificates
        self._gate = gate
        self._moves = moves

    def by_name(self) -> Mapping[str, Handler]:
        return {"livez": _alive, "readyz": self._ready, "metrics": self._metrics}

    async def _ready(self, _: Asked) -> Answer:
        readiness = self._gate.answer()
        return answer_with(readiness, status=200 if readiness.ready else 503)

    async def _metrics(self, _: Asked) -> Answer:
        lines = [
            *metrics.of_payments(self._moves),
            *metrics.of_transfers(self._moves.transfers),
            *metrics.of_readiness(self._gate.reasons()),
            *metrics.of_certificates(self._certificates.seen(), self._certificates.faults()),
            *metrics.of_catalogue(self._catalogue().catalogue),
            *metrics.of_alarms(await self._spool.read(alarm_counts)),
            *metrics.of_spool(await self._spool.health(), self._gate.answer().time),
            *metrics.of_registries(await self._spool.read(standing), self._gate.answer().time),
        ]
        return Answer("\n".join([*lines, ""]).encode(), content_type=_PLAIN)


_PLAIN: Final = metrics.CONTENT_TYPE.partition(";")[0]


async def _alive(_: Asked) -> Answer:
    return Answer(b"alive\n", content_type=_PLAIN)


async def _openapi(_: Asked) -> Answer:
    return Answer(openapi.checked_in())
