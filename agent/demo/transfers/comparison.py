"""Three ledgers compared line by line: payer's card host, platform, payee's card host; and what people were told beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from agent.demo.transfers.shopping import Shopped
from agent.demo.transfers.stage import Bank, TransferStage
from agent.journeys.bill import Ending
from agent.journeys.merchant_sale import Ending as SaleEnding
from gateway.sandbox.books import CardRow
from gateway.sandbox.transfer_books import (
    PAYEE_ENDINGS,
    PAYER_ENDINGS,
    BankBooks,
    CreditRow,
    OrderRow,
    PlatformRow,
    TransferComparison,
    compare_transfers,
)


@dataclass(frozen=True)
class Compared:
    """The ledgers, holds that belong to nobody's order, and what people were told that no ledger bears out."""

    books: TransferComparison
    stray_holds: Sequence[CardRow]
    contradictions: Sequence[str]

    @property
    def agree(self) -> bool:
        return self.books.agree and not self.stray_holds and not self.contradictions


_RULED_OUT: Final[Mapping[str | None, frozenset[Ending]]] = {
    # by the platform's state, what a customer may not have been told
    "SETTLED": frozenset({Ending.NOTHING_TAKEN, Ending.BEING_UNBLOCKED}),
    "REJECTED": frozenset({Ending.PAID}),
    None: frozenset({Ending.PAID}),
}
_ENDINGS: Final = {"payer": PAYER_ENDINGS, "payee": PAYEE_ENDINGS}
_PAID: Final = frozenset({SaleEnding.PAID, SaleEnding.PAID_LATE})
_NOT_PAID: Final = frozenset({SaleEnding.CANCELLED, SaleEnding.EXPIRED, SaleEnding.REFUSED})


async def compare_books(stage: TransferStage, shopped: Iterable[Shopped] = ()) -> Compared:
    payer_word, payee_word = [await _orders(bank) for bank in stage.banks]
    async with aiohttp.ClientSession(stage.platform.admin_url, raise_for_status=True) as session:
        platform = [PlatformRow(**row) for row in (await _got(session, "/ledger"))["transfers"]]
    holds, credited = await _holds(stage.payer), await _credits(stage.payee)
    books = compare_transfers(
        BankBooks(payer_word, holds=holds), platform, BankBooks(payee_word, credits=credited)
    )
    known = {(order.terminal, order.rrn) for order in payer_word}
    stray = [row for row in holds if row.held + row.captured and (row.terminal, row.rrn) not in known]
    return Compared(books, stray, list(contradictions(platform, shopped)))


def contradictions(platform: Sequence[PlatformRow], shopped: Iterable[Shopped]) -> Iterator[str]:
    """Whoever was told what the platform's ledger rules out."""
    states = {row.end_to_end_id: row.state for row in platform}
    settled = {end_to_end_id for end_to_end_id, state in states.items() if state == "SETTLED"}
    for one in shopped:
        chains = [journey.view.end_to_end_id for journey in one.journeys if journey.view is not None]
        for journey in one.journeys:
            state = states.get(journey.view.end_to_end_id) if journey.view else None
            if journey.outcome in _RULED_OUT.get(state, frozenset()):
                yield f"{journey.journey_id}: the customer was told {journey.outcome}; the platform says {state}"
        sale = one.sale
        if sale is not None and sale.outcome in _PAID and not settled.intersection(chains):
            yield f"{sale.sale_id}: the merchant was told {sale.outcome}; the platform has settled nothing of it"
        if sale is not None and sale.outcome in _NOT_PAID and settled.intersection(chains):
            yield f"{sale.sale_id}: the merchant was told {sale.outcome}; the platform has settled it"


async def _orders(bank: Bank) -> list[OrderRow]:
    return [
        OrderRow(row["tx_id"], _ending(row), row["amount"], row["terminal"], row["rrn"], row["fee"])
        async for row in bank.gateway("transfers.books")
    ]


def _ending(row: dict[str, Any]) -> str:
    """The bank's own word; what its card host has not answered yet is no ending."""
    ending = _ENDINGS[row["role"]][row["state"]]
    return ending if row["closed"] or ending != "settled" else "open"


async def _holds(bank: Bank) -> list[CardRow]:
    async with aiohttp.ClientSession(bank.sandbox.admin_url, raise_for_status=True) as session:
        rows = (await _got(session, "/ledger/card-host"))["holds"]
    return [CardRow(**_tuples(row)) for row in rows]


async def _credits(bank: Bank) -> list[CreditRow]:
    async with aiohttp.ClientSession(bank.sandbox.admin_url, raise_for_status=True) as session:
        rows = (await _got(session, "/ledger/credits"))["credits"]
    return [CreditRow(**_tuples(row)) for row in rows]


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "violations": tuple(row["violations"])}


async def _got(session: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with session.get(path) as response:
        answer: dict[str, Any] = await response.json()
        return answer
