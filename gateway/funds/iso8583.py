"""The card host over ISO 8583: holds, advices and questions about accounts on one persistent line (PROTOCOLS §5)."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import cycle
from random import Random
from zoneinfo import ZoneInfo

from gateway.funds import connection, messages
from gateway.funds.account_results import judge_account
from gateway.funds.connection import Connection, OpenConnection
from gateway.funds.interface import Card, HoldIdentifiers
from gateway.funds.line import HostLine, LineTimers, NoAnswer
from gateway.funds.messages import HostSettings, UnsendableMessageError
from gateway.funds.results import UNSENDABLE, judge_advice, judge_hold
from gateway.identifiers import STAN_LARGEST, stan
from gateway.outcomes import AccountOutcome, AdviceOutcome, HoldOutcome, Verdict


@dataclass(frozen=True)
class CardHostTimers:
    """Connecting; an answer to a hold or an echo; an answer to an advice; between two echoes."""

    connect_seconds: float = 5.0
    hold_seconds: float = 15.0
    advice_seconds: float = 30.0
    echo_seconds: float = 60.0


class CardHostSettingsError(ValueError):
    """The card host cannot be spoken to with these settings."""


def _system_time() -> datetime:
    return datetime.now(UTC)


class CardHost:
    """Implements `Funds` and `Accounts`. `start` it inside the running loop, `close` it there."""

    def __init__(  # noqa: PLR0913 - settings and injected edges, all but one by keyword
        self,
        address: str,
        *,
        acquirer: str,
        merchant: str,
        time_zone: ZoneInfo,
        timers: CardHostTimers = CardHostTimers(),
        tls: Callable[[], ssl.SSLContext] | None = None,
        now: Callable[[], datetime] = _system_time,
        random: Random | None = None,
        open_connection: OpenConnection = asyncio.open_connection,
    ) -> None:
        """`address` is host:port. `tls` is asked for each connection; without it `address` must be a loopback
        one: a 0100 carries the PAN.
        """
        host, port = _host_and_port(address)
        if tls is None and not _is_loopback(host):
            raise CardHostSettingsError(
                f"card_host.tls: {host} is not this machine, and a 0100 carries the card's number; "
                "set a CA for TLS, or reach the host through a tunnel on 127.0.0.1"
            )
        self._timers = timers
        self._host = HostSettings(acquirer, merchant, time_zone)

        async def connect() -> Connection:
            return await connection.connect(
                open_connection,
                host,
                port,
                ssl_context=None if tls is None else tls(),
                timeout_seconds=timers.connect_seconds,
            )

        echo_numbers = cycle(range(1, STAN_LARGEST + 1))

        def echo() -> bytes:
            return messages.echo_message(stan=stan(next(echo_numbers)), at=now())

        self._line = HostLine(
            connect,
            echo,
            timers=LineTimers(timers.connect_seconds, timers.hold_seconds, timers.echo_seconds),
            chance=(random or Random()).random,  # noqa: S311 - spreads reconnects, protects nothing
        )

    async def start(self) -> None:
        self._line.start()

    async def close(self) -> None:
        await self._line.close()

    def reachable(self) -> bool:
        return self._line.proven

    async def hold(self, identifiers: HoldIdentifiers, card: Card) -> HoldOutcome:
        """As `Funds.hold`; what the wire cannot carry is REFUSED, since nothing left the machine."""
        try:
            message = messages.hold_message(identifiers, card, self._host)
        except UnsendableMessageError as error:
            return HoldOutcome(Verdict.REFUSED, alarm=UNSENDABLE, detail=str(error))
        answer = await self._line.ask(message, timeout_seconds=self._timers.hold_seconds)
        if isinstance(answer, NoAnswer):
            return HoldOutcome(Verdict.UNANSWERED, detail=answer.detail)
        return judge_hold(answer, identifiers.total)

    def capture_message(
        self, identifiers: HoldIdentifiers, *, stan: str, at: datetime, approval_code: str | None
    ) -> bytes:
        return messages.capture_message(
            identifiers, stan=stan, at=at, approval_code=approval_code, host=self._host
        )

    def reversal_message(
        self, identifiers: HoldIdentifiers, *, stan: str, at: datetime, approval_code: str | None
    ) -> bytes:
        return messages.reversal_message(
            identifiers, stan=stan, at=at, approval_code=approval_code, host=self._host
        )

    async def advise(self, message: bytes, *, repeat: bool) -> AdviceOutcome:
        sent = messages.repeated(message) if repeat else message
        answer = await self._line.ask(sent, timeout_seconds=self._timers.advice_seconds)
        if isinstance(answer, NoAnswer):
            return AdviceOutcome(Verdict.UNANSWERED, detail=answer.detail)
        return judge_advice(answer)

    async def account_status(self, question: HoldIdentifiers, card: Card) -> AccountOutcome:
        return await self._ask_of_account(lambda: messages.account_message(question, card, self._host))

    async def can_credit(self, question: HoldIdentifiers, iban: str) -> AccountOutcome:
        return await self._ask_of_account(
            lambda: messages.beneficiary_message(question, iban, self._host), iban=iban
        )

    def credit_message(self, identifiers: HoldIdentifiers, iban: str) -> bytes:
        return messages.credit_message(identifiers, iban, self._host)

    async def _ask_of_account(self, build: Callable[[], bytes], *, iban: str | None = None) -> AccountOutcome:
        """As a hold: what the wire cannot carry is REFUSED, since nothing left the machine."""
        try:
            message = build()
        except UnsendableMessageError as error:
            return AccountOutcome(Verdict.REFUSED, alarm=UNSENDABLE, detail=str(error))
        answer = await self._line.ask(message, timeout_seconds=self._timers.hold_seconds)
        if isinstance(answer, NoAnswer):
            return AccountOutcome(Verdict.UNANSWERED, detail=answer.detail)
        return judge_account(answer, iban=iban)


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 65_536):
        raise CardHostSettingsError(f"card_host.address: {address!r} is not host:port")
    return host.strip("[]"), int(port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
