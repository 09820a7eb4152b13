"""The payer's side of a scripted bank: asks for details, holds, orders, and waits for the end (PROTOCOLS §3)."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from gateway.sandbox.platform import templates
from gateway.sandbox.platform.bank_line import BankLine
from gateway.sandbox.platform.messages import Message
from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken
from gateway.sandbox.platform.templates import Order

_FINAL_REFUSALS: Final = frozenset({400, 401, 403, 404, 410, 413, 415, 422})
_DETAILS_FACTOR: Final = 1.25  # 15 s where the platform waits 12
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


@dataclass
class PaidOrder:
    """One purchase, as the payer's bank has it; sums in tiyn."""

    end_to_end_id: str
    state: str = "ASKED"  # DETAILED, FAILED, ORDERED, PENDING, SETTLED, REJECTED
    tx_id: str = ""
    amount: int = 0
    details: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    accepted_at: datetime | None = None
    detailed: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class PayerSide:
    """`orders` by EndToEndId. `alarms` say what contradicted a final state."""

    def __init__(self, line: BankLine) -> None:
        self._line = line
        self.orders: dict[str, PaidOrder] = {}
        self.alarms: list[str] = []

    async def pay(self, link_id: str, *, age_seconds: float = 0) -> PaidOrder:
        """The whole purchase; returns at its end. `age_seconds`: how old the order claims to be."""
        order = await self.ask(link_id)
        if order.state == "DETAILED":
            await self.order(order, age_seconds=age_seconds)
        return order

    async def ask(self, link_id: str) -> PaidOrder:
        """Steps 2 to 5: DETAILED or FAILED."""
        order = PaidOrder(self._line.new_id())
        self.orders[order.end_to_end_id] = order
        document = templates.enquiry(
            msg_id=self._line.new_id(), end_to_end_id=order.end_to_end_id, link_id=link_id
        )
        http, _ = await self._line.send("admi.009.001.02", order.end_to_end_id, document)
        if http != 200:
            order.state, order.reason = "FAILED", f"http {http}"
            return order
        try:
            async with asyncio.timeout(self._line.settings.timers.details_seconds * _DETAILS_FACTOR):
                await order.detailed.wait()
        except TimeoutError:
            order.state = "FAILED"
        return order

    async def order(self, order: PaidOrder, *, age_seconds: float = 0) -> None:
        """Steps 7 to 17, and pacs.028 for as long as it takes."""
        line, now = self._line, self._line.now()
        order.tx_id, order.state = line.new_id(), "ORDERED"
        order.accepted_at = now - timedelta(seconds=age_seconds)
        told = Order(
            order.end_to_end_id,
            order.tx_id,
            order.amount,
            order.accepted_at,
            line.settings.bic,
            line.settings.iban,
            order.details["CDTR_BIC"],
            order.details["CDTR_IBAN"],
            order.details["CDTR_NAME"],
        )
        document = templates.order(told, msg_id=line.new_id(), at=now, agents=line.agents)
        http, attempts = await line.send("pacs.008.001.11", order.end_to_end_id, document)
        if attempts == 1 and http in _FINAL_REFUSALS and order.state == "ORDERED":
            self._end(order, "REJECTED", f"http {http}")
        await self._until_ended(order)

    async def _until_ended(self, order: PaidOrder) -> None:
        assert order.accepted_at is not None
        asks = list(self._line.settings.payer_asks)
        while not order.ended.is_set():
            after = asks.pop(0) if asks else self._line.settings.payer_asks[-1]
            left = after - (self._line.now() - order.accepted_at).total_seconds() if asks else after
            try:
                async with asyncio.timeout(max(0, left)):
                    await order.ended.wait()
            except TimeoutError:
                await self._investigate(order)

    async def _investigate(self, order: PaidOrder) -> None:
        line = self._line
        document = templates.investigation(
            end_to_end_id=order.end_to_end_id,
            tx_id=order.tx_id,
            msg_id=line.new_id(),
            at=line.now(),
            agents=line.agents,
        )
        http, _ = await line.send("pacs.028.001.05", order.end_to_end_id, document)
        assert order.accepted_at is not None
        life = timedelta(seconds=line.settings.timers.order_life_seconds) + _CLOCKS_DIFFER
        if http == 404 and line.now() > order.accepted_at + life:
            self._end(order, "REJECTED", "the platform does not know it")

    def take_report(self, message: Message) -> None:
        order = self.orders.get(message.end_to_end_id)
        if order is None:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "RptDtls/ReqRef")
        if order.state != "ASKED":
            return
        order.details = dict(message.report)
        if message.report_key == "PAYMENT":
            order.state, order.amount = "DETAILED", int(order.details["AMOUNT"].replace(".", ""))
        else:
            order.state, order.reason = "FAILED", order.details["CODE"]
        order.detailed.set()

    def take_status(self, message: Message) -> None:
        order = self.orders.get(message.end_to_end_id)
        if order is None or order.tx_id != message.tx_id:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "TxInfAndSts")
        if message.status == "PDNG":
            if message.query_msg_id is None and order.state not in {"ORDERED", "PENDING", "SETTLED"}:
                raise TransferRuleBroken(TransferRule.OUT_OF_ORDER, "TxSts")
            order.state = "PENDING" if order.state == "ORDERED" else order.state
            return
        ending = "SETTLED" if message.status == "ACSC" else "REJECTED"
        if order.state in {"SETTLED", "REJECTED"}:
            if order.state != ending:
                self.alarms.append(f"{order.tx_id}: {order.state}, then {message.status}")
            return
        self._end(order, ending, message.reason)

    def _end(self, order: PaidOrder, state: str, reason: str | None) -> None:
        order.state, order.reason = state, reason
        order.ended.set()
