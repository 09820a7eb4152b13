"""One order's account status and hold: the card is in memory only, and every outcome goes into the store.

310000, and if the account may be debited 0100; what an answer means is moved in one transaction with what
follows from it. A process that ends meanwhile leaves the rest to recovery: it releases what may be held.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from certs.xmldsig import UnsignableDocumentError
from gateway.bills.numbering import new_stan
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.author import Author
from gateway.c2b2e.moves import Evidence, TransferMoves
from gateway.c2b2e.payer import Event, State
from gateway.c2b2e.transfer import Key, Transfer
from gateway.funds.interface import Accounts, Card, Funds, HoldIdentifiers
from gateway.iso20022 import messages
from gateway.iso20022.errors import UnsendableMessageError
from gateway.outcomes import AccountOutcome, HoldOutcome, Verdict
from gateway.reasons import card_reason
from spool import CommitFailed, Spool, StoreClosed, StoreOverloaded, Transaction

_log = logging.getLogger(__name__)

UNKNOWN_HOLD: Final = "card_host_unanswered"
UNFIT: Final = "account_unfit"
UNKNOWN_ACCOUNT: Final = "account_unanswered"
_STORE_PAUSE_SECONDS: Final = 1.0
_HOLD_EVENTS: Final[Mapping[Verdict, Event]] = {
    Verdict.ACCEPTED: Event.HOLD_APPROVED,
    Verdict.REFUSED: Event.HOLD_DECLINED,
    Verdict.UNANSWERED: Event.UNANSWERED,
}
Told = tuple[Event, Evidence]


class Funding:
    def __init__(
        self, *, spool: Spool, moves: TransferMoves, author: Author, funds: Funds, accounts: Accounts
    ) -> None:
        self._spool = spool
        self._moves = moves
        self._author = author
        self._funds = funds
        self._accounts = accounts
        self._running: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Orders that ask the card host at this moment."""
        return len(self._running)

    def start(self, order: Transfer, card: Card) -> None:
        """After the commit that confirmed it. Whoever waits for the order goes his own ways."""
        task = asyncio.create_task(self._fund(order, card), name=f"order {order.order_id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self, *, timeout_seconds: float) -> None:
        """Let those in flight come to their outcome; what takes longer is left to recovery."""
        if self._running:
            await asyncio.wait(self._running, timeout=timeout_seconds)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _fund(self, order: Transfer, card: Card) -> None:
        status = await self._ask_status(order, card)
        held = await self._store(order.key, lambda tx: self._status_told(tx, order.key, status))
        if held is None or held.state is not State.HOLDING:
            return
        outcome = await self._ask_for_hold(held, card)
        await self._store(order.key, lambda _tx: _hold_told(outcome))

    async def _ask_status(self, order: Transfer, card: Card) -> AccountOutcome:
        try:
            question = await self._spool.write(lambda tx: _question(tx, order))
            return await self._accounts.account_status(question, card)
        except Exception as error:  # noqa: BLE001 - nothing is held; the text may hold card data
            kind = type(error).__name__
            _log.error("order.status_failed", extra={"order_id": order.order_id, "error": kind})
            return AccountOutcome(Verdict.UNANSWERED, detail=kind)

    async def _ask_for_hold(self, order: Transfer, card: Card) -> HoldOutcome:
        try:
            return await self._funds.hold(order.hold, card)
        except Exception as error:  # noqa: BLE001 - whatever failed, a hold may exist; the text may hold card data
            kind = type(error).__name__
            _log.error("order.hold_failed", extra={"order_id": order.order_id, "error": kind})
            return HoldOutcome(Verdict.UNANSWERED, alarm="hold_failed", detail=kind)

    async def _store(self, key: Key, told: Callable[[Transaction], Told]) -> Transfer | None:
        """The transfer after its move, however long the store takes; None: it is left to recovery."""
        while True:
            try:
                return await self._spool.write(lambda tx: self._moves.apply(tx, key, *told(tx)))
            except (CommitFailed, StoreOverloaded) as error:
                why = type(error).__name__
                _log.warning("order.move_failed", extra={"end_to_end_id": key.end_to_end_id, "why": why})
                await asyncio.sleep(_STORE_PAUSE_SECONDS)
            except StoreClosed:
                _log.warning("order.left_to_recovery", extra={"end_to_end_id": key.end_to_end_id})
                return None

    def _status_told(self, tx: Transaction, key: Key, outcome: AccountOutcome) -> Told:
        """An order that could not be sent must not be held for: it is built here, and thrown away."""
        account = outcome.account
        if outcome.verdict is Verdict.UNANSWERED:
            evidence = Evidence(reason=UNKNOWN_ACCOUNT, note=outcome.detail, alarm=outcome.alarm)
            return Event.UNANSWERED, evidence
        if outcome.verdict is not Verdict.ACCEPTED or account is None:
            return Event.ACCOUNT_UNFIT, _unfit(outcome)
        transfer = transfers.load(tx, key)
        assert transfer is not None, "it was confirmed"
        debtor: dict[str, Any] = {
            "debtor_iban": account.iban,
            "debtor_iin": account.iin,
            "debtor_name": account.name,
        }
        try:
            messages.build(self._author.order(replace(transfer, **debtor), now=tx.now))
        except (UnsendableMessageError, UnsignableDocumentError) as error:
            return Event.ACCOUNT_UNFIT, Evidence(reason=UNFIT, note=str(error), alarm="order_unsendable")
        return Event.ACCOUNT_FIT, Evidence(note=outcome.detail, learnt=debtor)


def _question(tx: Transaction, order: Transfer) -> HoldIdentifiers:
    assert order.rrn is not None, "a confirmed order has its RRN"
    return HoldIdentifiers(
        stan=new_stan(tx, order.terminal),
        rrn=order.rrn,
        terminal=order.terminal,
        total=order.total,
        sent_at=tx.now,
    )


def _unfit(outcome: AccountOutcome) -> Evidence:
    """An account that was told and may not be debited is blocked or arrested; else the card host has said why."""
    told = outcome.account is not None or outcome.response_code is None
    return Evidence(
        reason=UNFIT if told else card_reason(outcome.response_code),
        note=outcome.detail,
        alarm=outcome.alarm,
    )


def _hold_told(outcome: HoldOutcome) -> Told:
    reasons = {Verdict.REFUSED: card_reason(outcome.response_code), Verdict.UNANSWERED: UNKNOWN_HOLD}
    code = outcome.response_code
    evidence = Evidence(
        reason=reasons.get(outcome.verdict),
        note=outcome.detail if code is None else f"response code {code}",
        alarm=outcome.alarm,
        learnt={"response_code": code, "approval_code": outcome.approval_code},
    )
    return _HOLD_EVENTS[outcome.verdict], evidence
