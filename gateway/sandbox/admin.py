"""The sandbox's own HTTP API on loopback: what it saw, what it holds, what is to go wrong next.

JSON in both directions; `GET /` lists the calls. It is for whoever runs the sandbox, never for a bank.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

from aiohttp import web
from cryptography import x509

from certs.throwaway import ThrowawayCa
from gateway.sandbox.admin_bodies import (
    CardAccountBody,
    EndBody,
    FaultsBody,
    RuleBody,
    SlipBody,
    StandingBody,
    SubscriberBody,
    WrongCallError,
)
from gateway.sandbox.card_book import CardBook
from gateway.sandbox.card_rules import CardRule
from gateway.sandbox.eport_book import EportBook
from gateway.sandbox.eport_days import Days
from gateway.sandbox.eport_rules import EportRule
from gateway.sandbox.eport_slips import Slip
from gateway.sandbox.faults import FaultName, FaultPlan, Position
from gateway.sandbox.provider import Provider
from gateway.sandbox.registry_book import RegistryBook
from gateway.sandbox.registry_rules import RegistryRule
from gateway.sandbox.subscribers import SPECIAL

_LOG_LINES: Final = 100
_LOG_LINES_LARGEST: Final = 10_000


@dataclass(frozen=True)
class Sides:
    """What the API shows and moves."""

    eport: EportBook
    days: Days
    provider: Provider
    cards: CardBook
    central: RegistryBook
    plan: FaultPlan
    issuer: ThrowawayCa


class AdminServer:
    """The API over one sandbox."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
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
        """The one call that speaks PEM, so that its answer is the file: e-port's CA signs what it is asked to."""
        try:
            request = x509.load_pem_x509_csr(await http.read())
        except ValueError:
            return web.json_response({"wrong": "send a certificate request in PEM"}, status=400)
        return web.Response(body=self._sides.issuer.sign(request), content_type="application/x-pem-file")

    async def _answer(self, handle: "Handle", http: web.Request) -> web.Response:
        try:
            return web.json_response(await handle(self._sides, http))
        except WrongCallError as wrong:
            return web.json_response({"wrong": str(wrong)}, status=400)


async def _index(_sides: Sides, _http: web.Request) -> Any:
    return {
        "calls": {
            **{f"{method} {path}": call.says for (method, path), call in CALLS.items()},
            "POST /certificates": "a certificate request in PEM: the certificate, by e-port's CA, in PEM",
        },
        "faults": {"names": list(FaultName), "positions": list(Position)},
        "rules": {
            "eport": {rule.name.lower(): f"{rule.status}: {rule.says}" for rule in EportRule},
            "registry": {rule.name.lower(): f"{rule.status}: {rule.says}" for rule in RegistryRule},
            "card-host": {rule.name.lower(): f"{rule.code or 'stored'}: {rule.says}" for rule in CardRule},
        },
    }


async def _eport_ledger(sides: Sides, _http: web.Request) -> Any:
    return {"payments": [asdict(row) for row in sides.eport.rows()]}


async def _card_ledger(sides: Sides, _http: web.Request) -> Any:
    return {"holds": [asdict(row) for row in sides.cards.rows()]}


async def _eport_registry(sides: Sides, _http: web.Request) -> Any:
    return sides.eport.registries.as_json()


async def _central_ledger(sides: Sides, _http: web.Request) -> Any:
    return sides.central.as_json()


async def _closed_days(sides: Sides, _http: web.Request) -> Any:
    return {"closed": sides.days.closed()}


async def _close_day(sides: Sides, http: web.Request) -> Any:
    try:
        day = date.fromisoformat(http.match_info["day"])
    except ValueError:
        raise WrongCallError("day: yyyy-mm-dd") from None
    with sides.eport.ledger.transaction():
        sides.days.close(http.match_info["point"], day)
    return {"closed": sides.days.closed()}


async def _put_slip(sides: Sides, http: web.Request) -> Any:
    slip, txn_id = SlipBody.read(await http.read()).slip, http.match_info["txn_id"]
    with sides.eport.ledger.transaction():
        sides.days.slip(txn_id, slip)
    return {"txn_id": txn_id, "slip": slip}


async def _log(sides: Sides, http: web.Request) -> Any:
    text = http.query.get("last", str(_LOG_LINES))
    if not text.isdecimal() or not 0 < int(text) <= _LOG_LINES_LARGEST:
        raise WrongCallError(f"last: a number from 1 to {_LOG_LINES_LARGEST}")
    ledgers = {"eport": sides.eport.ledger, "card-host": sides.cards.ledger, "central": sides.central.ledger}
    return {wire: ledger.last_seen(int(text)) for wire, ledger in ledgers.items()}


async def _faults(sides: Sides, _http: web.Request) -> Any:
    plan, seeded = sides.plan, sides.plan.seeded
    return {
        "rules": [RuleBody.of(rule) for rule in plan.rules],
        "seeded": None if seeded is None else vars(seeded) | {"names": sorted(seeded.names)},
        "delay_seconds": plan.delay_seconds,
        "silence_seconds": plan.silence_seconds,
    }


async def _put_faults(sides: Sides, http: web.Request) -> Any:
    FaultsBody.read(await http.read()).replace(sides.plan)
    return await _faults(sides, http)


async def _delete_faults(sides: Sides, http: web.Request) -> Any:
    sides.plan.clear()
    return await _faults(sides, http)


async def _accounts(sides: Sides, _http: web.Request) -> Any:
    return {
        "eport": {
            "special": {f"…{suffix}": behaviour.says for suffix, behaviour in SPECIAL.items()},
            "told": sides.eport.all_told(),
        },
        "card-host": [asdict(account) for account in sides.cards.accounts()],
    }


async def _put_subscriber(sides: Sides, http: web.Request) -> Any:
    behaves_as = SubscriberBody.read(await http.read()).behaves_as
    if behaves_as is not None and behaves_as not in SPECIAL:
        raise WrongCallError(f"behaves_as: one of {', '.join(SPECIAL)}, or null")
    account = http.match_info["account"]
    with sides.eport.ledger.transaction():
        sides.eport.tell(account, behaves_as)
    return {"account": account, "behaves_as": behaves_as}


async def _put_card_account(sides: Sides, http: web.Request) -> Any:
    told = CardAccountBody.read(await http.read())
    with sides.cards.ledger.transaction():
        account = sides.cards.account(http.match_info["token"])
        if account is None:
            raise WrongCallError("token: no card with this token has been seen")
        account = replace(
            account,
            balance=account.balance if told.balance_minor is None else told.balance_minor,
            pin_tries=account.pin_tries if told.pin_tries is None else told.pin_tries,
            answers=account.answers if told.answers is None else told.answers or None,
        )
        sides.cards.save_account(account)
    return asdict(account)


async def _credits(sides: Sides, _http: web.Request) -> Any:
    return {"credits": [asdict(row) for row in sides.cards.transfers.rows()]}


async def _put_standing(sides: Sides, http: web.Request) -> Any:
    standing, account = StandingBody.read(await http.read()).standing, http.match_info["account"]
    with sides.cards.ledger.transaction():
        sides.cards.transfers.stand(account, standing)
    return {"account": account, "standing": standing}


async def _put_payment(sides: Sides, http: web.Request) -> Any:
    end = EndBody.read(await http.read()).end
    with sides.eport.ledger.transaction():
        payments = sides.eport.payments_of(http.match_info["txn_id"])
        if [payment.status for payment in payments] != ["PENDING"]:
            raise WrongCallError("txn_id: no payment of exactly one point is pending under it")
        sides.provider.decide(payments[0], accepted=end == "accepted")
    status = sides.eport.payments_of(payments[0].txn_id)[0].status  # of a closed day: refused all the same
    return {"txn_id": payments[0].txn_id, "end": status.lower()}


Handle = Callable[[Sides, web.Request], Awaitable[Any]]


class Call(NamedTuple):
    says: str
    handle: Handle


CALLS: Final[Mapping[tuple[str, str], Call]] = {
    ("GET", "/"): Call("this list", _index),
    ("GET", "/ledger/eport"): Call("every bank_payment that got a result", _eport_ledger),
    ("GET", "/ledger/card-host"): Call("every hold: held, captured, released, rules broken", _card_ledger),
    ("GET", "/ledger/credits"): Call("every credit of a payee's account at the card host", _credits),
    ("GET", "/ledger/eport-registry"): Call("e-port's technical registries and operations", _eport_registry),
    ("GET", "/ledger/central"): Call("the central system's registries and operations", _central_ledger),
    ("GET", "/log"): Call(
        "the last requests of each server (?last=N), newest first, and what was wrong", _log
    ),
    ("GET", "/faults"): Call("what is to go wrong", _faults),
    ("PUT", "/faults"): Call(
        "{rules: [{name, position, count, wire, operation, identifier, terminal, account, dice}],"
        " seeded: {seed, rate, names, at_most}, delay_seconds, silence_seconds}: replaces the plan",
        _put_faults,
    ),
    ("DELETE", "/faults"): Call("nothing goes wrong any more", _delete_faults),
    ("GET", "/accounts"): Call("special accounts of e-port, cards that the card host has seen", _accounts),
    ("PUT", "/accounts/eport/{account}"): Call("{behaves_as: a special account, or null}", _put_subscriber),
    ("PUT", "/accounts/card-host/{token}"): Call(
        "{balance_minor, pin_tries, answers: field 39}", _put_card_account
    ),
    ("PUT", "/standings/{account}"): Call(
        "{standing: ACTIVE | BLOCKED | ARRESTED} of a card's token or of an IBAN", _put_standing
    ),
    ("GET", "/days"): Call("days of e-port that are closed", _closed_days),
    ("PUT", "/days/{point}/{day}"): Call("close a day, yyyy-mm-dd, of a point: for ever", _close_day),
    ("PUT", "/slips/{txn_id}"): Call(
        f"{{slip: {' | '.join(Slip)}, or null}}: what a daily registry will say wrong", _put_slip
    ),
    ("PUT", "/payments/{txn_id}"): Call("{end: accepted | refused} for a pending payment", _put_payment),
}
