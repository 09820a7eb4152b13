"""The payee's side of a scripted bank: links, details, PDNG or RJCT, and one credit after ACSC (PROTOCOLS §3)."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lxml import etree

from gateway.sandbox.platform import templates
from gateway.sandbox.platform.bank_line import BankLine
from gateway.sandbox.platform.messages import Message
from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken
from gateway.sandbox.platform.templates import Told

LINK_LIVES: Final = timedelta(minutes=20)
_TAKES_ORDERS: Final = frozenset({"open"})


@dataclass
class Link:
    """A sale that somebody may pay; `amount` in tiyn."""

    amount: int
    expires_at: datetime
    state: str = "open"  # reserved, used


@dataclass
class TakenOrder:
    """A pacs.008, as the payee's bank has it. `credits` counts how often it credited: more than once is wrong."""

    end_to_end_id: str
    tx_id: str
    msg_id: str
    link: Link
    amount: int
    state: str = "TAKEN"  # PENDING, SETTLED, REJECTED, ABANDONED
    reason: str | None = None
    credits: int = 0


class PayeeSide:
    """`orders` by TxId. `start` runs what follows an answer that is given."""

    def __init__(self, line: BankLine, start: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._line = line
        self._start = start
        self.links: dict[str, Link] = {}
        self.orders: dict[str, TakenOrder] = {}
        self.alarms: list[str] = []
        self._asked: dict[str, str] = {}  # EndToEndId → link id

    def offer(self, link_id: str, *, amount: int) -> None:
        """Somebody may pay this now."""
        self.links[link_id] = Link(amount, self._line.now() + LINK_LIVES)

    def take_enquiry(self, message: Message) -> None:
        link = self._link(message.link_id)
        self._asked[message.end_to_end_id] = message.link_id
        self._start(self._report(message.end_to_end_id, link))

    async def _report(self, end_to_end_id: str, link: Link) -> None:
        settings, failure = self._line.settings, self._line.script.details
        said = [
            ("AMOUNT", f"{link.amount // 100}.{link.amount % 100:02d}"),
            ("CURRENCY", "KZT"),
            ("CDTR_NAME", settings.name),
            ("CDTR_BIN", "990240000010"),
            ("CDTR_IBAN", settings.iban),
            ("CDTR_BIC", settings.bic),
            ("KNP", "710"),
            ("EXPIRES_AT", link.expires_at.isoformat(timespec="seconds")),
        ]
        error = [("CODE", failure or ""), ("TEXT", "on purpose")]
        document = templates.report(
            msg_id=self._line.new_id(),
            end_to_end_id=end_to_end_id,
            tp="C2B2E",
            key="ERROR" if failure else "PAYMENT",
            said=error if failure else said,
        )
        await self._line.send("admi.010.001.02", end_to_end_id, document)

    def take_order(self, message: Message) -> None:
        known = {order.end_to_end_id for order in self.orders.values()} | set(self.orders)
        if {message.tx_id, message.end_to_end_id} & known:
            raise TransferRuleBroken(TransferRule.KNOWN, "PmtId")
        link_id = self._asked.get(message.end_to_end_id)
        if link_id is None:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "PmtId/EndToEndId")
        link = self._link(link_id)
        order = TakenOrder(message.end_to_end_id, message.tx_id, message.msg_id, link, message.amount)
        self.orders[order.tx_id] = order
        link.state = "reserved"
        self._start(self._answer(order))

    async def _answer(self, order: TakenOrder) -> None:
        """Step 12: can the beneficiary be credited? Step 13 says so."""
        reason = self._line.script.verdict or (None if order.amount == order.link.amount else "AM09")
        order.state, order.reason = ("REJECTED", reason) if reason else ("PENDING", None)
        if reason:
            order.link.state = "open"
        told = Told(
            order.end_to_end_id, order.tx_id, "RJCT" if reason else "PDNG", order.msg_id, reason=reason
        )
        document = self._status(told)
        http, attempts = await self._line.send("pacs.002.001.13", order.end_to_end_id, document)
        if http is not None and 400 <= http < 500 and attempts == 1 and order.state == "PENDING":
            order.state = "ABANDONED"
        for gap in self._line.settings.payee_asks:
            await asyncio.sleep(gap)
            if order.state != "PENDING":
                return
            await self._investigate(order)
        await asyncio.sleep(self._line.settings.payee_asks[-1])
        if order.state == "PENDING":
            order.state = "ABANDONED"

    def _status(self, told: Told) -> etree._Element:
        line = self._line
        return templates.status(told, msg_id=line.new_id(), at=line.now(), agents=line.agents)

    async def _investigate(self, order: TakenOrder) -> None:
        line = self._line
        document = templates.investigation(
            end_to_end_id=order.end_to_end_id,
            tx_id=order.tx_id,
            msg_id=line.new_id(),
            at=line.now(),
            agents=line.agents,
        )
        await line.send("pacs.028.001.05", order.end_to_end_id, document)

    def take_status(self, message: Message) -> None:
        order = self.orders.get(message.tx_id)
        if order is None or order.end_to_end_id != message.end_to_end_id:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "TxInfAndSts")
        if message.status == "PDNG":
            return
        ending = "SETTLED" if message.status == "ACSC" else "REJECTED"
        if order.state in {"SETTLED", "REJECTED"}:
            if order.state != ending:
                self.alarms.append(f"{order.tx_id}: {order.state}, then {message.status}")
            return
        if order.state == "ABANDONED":
            self.alarms.append(f"{order.tx_id}: {message.status} came late")
        order.state, order.reason = ending, message.reason
        order.credits += ending == "SETTLED"
        order.link.state = "used" if ending == "SETTLED" else "open"

    def _link(self, link_id: str) -> Link:
        link = self.links.get(link_id)
        if link is None:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "the link")
        if link.state not in _TAKES_ORDERS or self._line.now() > link.expires_at:
            raise TransferRuleBroken(TransferRule.LINK_OVER, "the link")
        return link
