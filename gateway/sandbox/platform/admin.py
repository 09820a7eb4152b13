"""The platform's own HTTP API on loopback: its ledger, what is to go wrong, its participants. JSON; `GET /` lists it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated, Any, Final, NamedTuple

from aiohttp import web
from cryptography import x509
from pydantic import Field, StringConstraints

from certs.throwaway import ThrowawayCa
from gateway.sandbox.admin_bodies import Body, FaultsBody, RuleBody, WrongCallError
from gateway.sandbox.faults import PLATFORM_STEPS, FaultName, FaultPlan, Position
from gateway.sandbox.platform.book import PlatformBook
from gateway.sandbox.platform.rules import TransferRule
from gateway.sandbox.platform.settings import Participant

_LOG_LINES: Final = 200
_LOG_LINES_LARGEST: Final = 10_000
_Tiyn = Annotated[int, Field(ge=0, le=10**17)]


class ParticipantBody(Body):
    """PUT /participants/{bank_id}: what is not told stays as it is."""

    bic: (
        Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")] | None
    ) = None
    url: Annotated[str, StringConstraints(pattern=r"^https://")] | None = None
    pins: frozenset[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]] | None = None
    position_minor: _Tiyn | None = None
    limit_minor: _Tiyn | None = None

    def over(self, known: Participant) -> Participant:
        return Participant(
            known.bank_id,
            known.bic if self.bic is None else self.bic,
            known.url if self.url is None else self.url,
            known.pins if self.pins is None else self.pins,
            known.position if self.position_minor is None else self.position_minor,
            known.limit if self.limit_minor is None else self.limit_minor,
        )


@dataclass(frozen=True)
class Platforms:
    """What the API shows and moves."""

    book: PlatformBook
    plan: FaultPlan


class PlatformAdmin:
    """The API over one platform."""

    def __init__(self, book: PlatformBook, plan: FaultPlan, issuer: ThrowawayCa) -> None:
        self._side = Platforms(book, plan)
        self._issuer = issuer
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; port 0 takes a free one. Returns the port."""
        application = web.Application()
        for (method, path), call in CALLS.items():
            application.router.add_route(method, path, partial(self._answer, call.handle))
        application.router.add_post("/certificates", self._sign)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _sign(self, http: web.Request) -> web.Response:
        """A participant's key stays with it: the platform's CA signs its request, PEM in both directions."""
        try:
            request = x509.load_pem_x509_csr(await http.read())
        except ValueError:
            return web.json_response({"wrong": "send a certificate request in PEM"}, status=400)
        return web.Response(body=self._issuer.sign(request), content_type="application/x-pem-file")

    async def _answer(self, handle: "Handle", http: web.Request) -> web.Response:
        try:
            return web.json_response(await handle(self._side, http))
        except WrongCallError as wrong:
            return web.json_response({"wrong": str(wrong)}, status=400)


async def _index(_side: Platforms, _http: web.Request) -> Any:
    return {
        "calls": {
            **{f"{method} {path}": call.says for (method, path), call in CALLS.items()},
            "POST /certificates": "a certificate request in PEM: the certificate, by the platform's CA",
        },
        "faults": {"names": list(FaultName), "positions": list(Position), "steps": list(PLATFORM_STEPS)},
        "rules": {rule.name.lower(): f"{rule.status}: {rule.says}" for rule in TransferRule},
    }


async def _ledger(side: Platforms, _http: web.Request) -> Any:
    return {
        "participants": _told(side.book),
        "transfers": [asdict(row) for row in side.book.rows()],
        "enquiries": side.book.enquiries(),
    }


async def _chain(side: Platforms, http: web.Request) -> Any:
    return {"messages": side.book.chain(http.match_info["end_to_end_id"])}


async def _log(side: Platforms, http: web.Request) -> Any:
    text = http.query.get("last", str(_LOG_LINES))
    if not text.isdecimal() or not 0 < int(text) <= _LOG_LINES_LARGEST:
        raise WrongCallError(f"last: a number from 1 to {_LOG_LINES_LARGEST}")
    return {"platform": side.book.ledger.last_seen(int(text))}


async def _faults(side: Platforms, _http: web.Request) -> Any:
    plan, seeded = side.plan, side.plan.seeded
    return {
        "rules": [RuleBody.of(rule) for rule in plan.rules],
        "seeded": None if seeded is None else vars(seeded) | {"names": sorted(seeded.names)},
        "delay_seconds": plan.delay_seconds,
        "silence_seconds": plan.silence_seconds,
    }


async def _put_faults(side: Platforms, http: web.Request) -> Any:
    FaultsBody.read(await http.read()).replace(side.plan)
    return await _faults(side, http)


async def _delete_faults(side: Platforms, http: web.Request) -> Any:
    side.plan.clear()
    return await _faults(side, http)


async def _participants(side: Platforms, _http: web.Request) -> Any:
    return {"participants": _told(side.book)}


async def _put_participant(side: Platforms, http: web.Request) -> Any:
    told = ParticipantBody.read(await http.read())
    bank_id = http.match_info["bank_id"]
    known = side.book.participants.get(bank_id)
    if known is None and told.bic is None:
        raise WrongCallError("bic: a new participant needs one")
    if len(bank_id) != 3 or not bank_id.isalpha():
        raise WrongCallError("bank_id: three letters")
    after = told.over(known or Participant(bank_id, told.bic or ""))
    if any(one.bic == after.bic for one in side.book.participants.all() if one.bank_id != bank_id):
        raise WrongCallError("bic: another participant has it")
    with side.book.ledger.transaction():
        side.book.participants.join(after)
        side.book.participants.set_position(bank_id, after.position)
    return {"participants": _told(side.book)}


def _told(book: PlatformBook) -> list[dict[str, Any]]:
    blocked = book.participants.blocked()
    return [
        {
            "bank_id": one.bank_id,
            "bic": one.bic,
            "url": one.url,
            "pins": sorted(one.pins),
            "position_minor": one.position,
            "blocked_minor": blocked[one.bank_id],
            "limit_minor": one.limit,
        }
        for one in book.participants.all()
    ]


Handle = Callable[[Platforms, web.Request], Awaitable[Any]]


class Call(NamedTuple):
    says: str
    handle: Handle


CALLS: Final[Mapping[tuple[str, str], Call]] = {
    ("GET", "/"): Call("this list", _index),
    ("GET", "/ledger"): Call("participants with their positions, transfers, enquiries", _ledger),
    ("GET", "/chains/{end_to_end_id}"): Call("every message of one chain, both directions", _chain),
    ("GET", "/log"): Call("the last requests and attempts (?last=N), newest first, and what was wrong", _log),
    ("GET", "/faults"): Call("what is to go wrong", _faults),
    ("PUT", "/faults"): Call(
        "{rules: [{name, position, count, wire: platform, operation: a step, identifier: EndToEndId,"
        " terminal: a bank id, dice}], seeded: {seed, rate, names, at_most}, delay_seconds,"
        " silence_seconds}: replaces the plan",
        _put_faults,
    ),
    ("DELETE", "/faults"): Call("nothing goes wrong any more", _delete_faults),
    ("GET", "/participants"): Call("who takes part", _participants),
    ("PUT", "/participants/{bank_id}"): Call(
        "{bic, url, pins, position_minor, limit_minor}: a new one, or what changes", _put_participant
    ),
}
