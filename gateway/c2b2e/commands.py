"""What the bank's operator may ask about transfers, as commands of the gateway's control socket. All of it is read.

Whatever identifier a person has finds the chain: a link or its id, EndToEndId, TxId, MsgId, order_id, sale_id,
RRN; or a terminal with a time.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.alarms import alarms_about
from gateway.c2b2e import message_book, sales
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.message_book import KeptMessage
from gateway.c2b2e.sales import Sale
from gateway.c2b2e.transfer import HistoryLine, Transfer
from gateway.command_arguments import Arguments, instant_of, number_of, text_of
from spool import ControlError, Store, Transaction
from spool.control import Command

Item = dict[str, Any]
NO_SUCH_TRANSFER: Final = "no_such_transfer"
_DEFAULT_LIST: Final = 50
_LARGEST_LIST: Final = 10_000
_MOST_CHAINS: Final = 100
_BETWEEN_CLOCKS: Final = timedelta(minutes=1)  # a receipt shows the terminal's clock


class TransferCommands:
    def __init__(self, spool: Store) -> None:
        self._spool = spool

    def commands(self) -> Mapping[str, Command]:
        return {
            "transfers.list": self._list,
            "transfers.show": self._show,
            "transfers.books": self._books,
        }

    async def _list(self, arguments: Arguments) -> AsyncIterator[Item]:
        """The newest first: `limit` of them."""
        limit = min(number_of(arguments, "limit", default=_DEFAULT_LIST), _LARGEST_LIST)
        for found in await self._spool.read(lambda tx: transfers.newest(tx, limit=limit)):
            yield _row(found)

    async def _show(self, arguments: Arguments) -> AsyncIterator[Item]:
        """`id`, or `terminal` with `from` and `to` in RFC 3339: first the sales, then every chain with its messages."""
        found = await self._spool.read(lambda tx: _found(tx, arguments))
        for item in found:
            yield item

    async def _books(self, _: Arguments) -> AsyncIterator[Item]:
        """Every order as one line of our book, to be compared with those of the platform and the card hosts."""
        for line in await self._spool.read(lambda tx: list(_lines(tx))):
            yield line


@dataclass
class _Finds:
    sales: dict[str, Sale] = field(default_factory=dict)
    chains: dict[transfers.Key, Transfer] = field(default_factory=dict)

    def add(self, chains: Sequence[Transfer], found_sales: Sequence[Sale | None]) -> None:
        self.chains |= {chain.key: chain for chain in chains[:_MOST_CHAINS]}
        self.sales |= {sale.sale_id: sale for sale in found_sales if sale is not None}


def _found(tx: Transaction, arguments: Arguments) -> list[Item]:
    finds = _Finds()
    if "terminal" in arguments:
        terminal = text_of(arguments, "terminal")
        begin = instant_of(arguments, "from") - _BETWEEN_CLOCKS
        end = instant_of(arguments, "to") + _BETWEEN_CLOCKS
        finds.add(transfers.find_time(tx, terminal, begin, end), sales.made_within(tx, terminal, begin, end))
    else:
        number = text_of(arguments, "id").rpartition("/")[2]  # of a link, its id
        finds.add(transfers.find(tx, number), [sales.load(tx, number), sales.of_link(tx, number)])
    for chain in list(finds.chains.values()):
        finds.add([], [sales.of_link(tx, chain.link_id)])
    if not finds.chains and not finds.sales:
        raise ControlError(NO_SUCH_TRANSFER, "the gateway has no transfer or sale of that number or time")
    return [
        *({"sale": _sale(tx, sale)} for sale in finds.sales.values()),
        *({"transfer": _story(tx, chain)} for chain in finds.chains.values()),
    ]


def _lines(tx: Transaction) -> Iterator[Item]:
    """What `gateway.sandbox.transfer_books` needs of an order; sums in tiyn. `closed`: the card host has answered."""
    for one in transfers.every(tx):
        if one.tx_id is not None and one.amount is not None:
            yield {
                "role": one.role.value,
                "end_to_end_id": one.end_to_end_id,
                "state": one.state.value,
                "tx_id": one.tx_id,
                "closed": one.hold_closed is not None,
                "amount": one.amount.minor,
                "fee": one.fee.minor,
                "terminal": one.terminal,
                "rrn": one.rrn,
            }


def _row(transfer: Transfer) -> Item:
    return {
        "role": transfer.role.value,
        "state": transfer.state.value,
        "reason": transfer.reason,
        "terminal": transfer.terminal,
        "amount": None if transfer.amount is None else str(transfer.amount),
        "creditor_name": transfer.creditor_name,
        "end_to_end_id": transfer.end_to_end_id,
        "tx_id": transfer.tx_id,
        "link_id": transfer.link_id,
        "rrn": transfer.rrn,
        "began_at": _told(transfer.began),
        "changed_at": _told(transfer.changed),
    }


def _story(tx: Transaction, transfer: Transfer) -> Item:
    return {
        **_row(transfer),
        "fee": str(transfer.fee),
        "order_id": transfer.order_id,
        "purpose": transfer.purpose,
        "merchant_order": transfer.merchant_order,
        "creditor_bin": transfer.creditor_bin,
        "creditor_iban": transfer.creditor_iban,
        "creditor_bic": transfer.creditor_bic,
        "debtor_iban": transfer.debtor_iban,
        "debtor_bic": transfer.debtor_bic,
        "knp": transfer.knp,
        "valid_until": _told(transfer.valid_until),
        "accepted_at": _told(transfer.accepted),
        "questions": transfer.asked,
        "stan": transfer.stan,
        "advice_stan": transfer.advice_stan,
        "response_code": transfer.response_code,
        "approval_code": transfer.approval_code,
        "finished_at": _told(transfer.finished),
        "card_host_closed_at": _told(transfer.hold_closed),
        "history": _history(transfers.history(tx, transfer.key)),
        "messages": [_message(one) for one in message_book.chain(tx, transfer.key)],
        "alarms": [
            {"name": one.name, "detail": one.detail, "times": one.times, "last_at": _told(one.last_at)}
            for one in alarms_about(tx, transfer.end_to_end_id)
        ],
    }


def _sale(tx: Transaction, sale: Sale) -> Item:
    return {
        "sale_id": sale.sale_id,
        "terminal": sale.terminal,
        "state": sale.state.value,
        "reason": sale.reason,
        "amount": str(sale.amount),
        "merchant": sale.name,
        "merchant_bin": sale.bin,
        "merchant_iban": sale.iban,
        "purpose": sale.purpose,
        "merchant_order": sale.merchant_order,
        "link": sale.link,
        "end_to_end_id": sale.end_to_end_id,
        "made_at": _told(sale.made),
        "expires_at": _told(sale.expires),
        "paid_at": _told(sale.paid),
        "history": _history(sales.history(tx, sale.sale_id)),
    }


def _message(message: KeptMessage) -> Item:
    """Everything but its bytes."""
    return {
        "at": _told(message.at),
        "direction": message.direction.value,
        "kind": message.kind,
        "status": message.status,
        "reason": message.reason,
        "msg_id": message.msg_id,
        "original_msg_id": message.original_msg_id,
        "query_msg_id": message.query_msg_id,
        "end_to_end_id": message.end_to_end_id,
        "tx_id": message.tx_id,
        "link_id": message.link_id,
        "signer": message.signer,
        "http": message.http,
        "attempts": message.attempts,
        "last_at": _told(message.last),
    }


def _history(lines: Sequence[HistoryLine]) -> list[Item]:
    return [
        {"at": _told(line.at), "event": line.event, "state": line.state, "note": line.note} for line in lines
    ]


def _told(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
