"""What a person may ask and order of this store's registries, on its control socket.

| command | arguments | answers |
|---|---|---|
| registry.list | limit?, kind? | one item for each registry, the newest window first |
| registry.show | id | what it is, then its lines as they are sent |
| registry.build | ahead? | one item for each registry that was built now |
| registry.send | id?, by? | one item for each registry that leaves now |
| registry.standing | – | one item for each kind: how many wait, since when |
"""

import getpass
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from gateway.registry import book
from gateway.registry.body import body
from gateway.registry.book import Registry, Series
from gateway.registry.layout import instant, money
from gateway.registry.overview import State, standing, state_of
from gateway.registry.rounds import ClockBrokenError, Rounds
from spool import ControlError, Store, Transaction, requeue, retry_by_person
from spool.control import Command
from spool.worklist import id_of

Item = dict[str, Any]
_DEFAULT_LIST: Final = 20
_LARGEST_LIST: Final = 10_000
_ORDERED: Final = "ordered by a person"


class RegistryCommands:
    def __init__(self, spool: Store, rounds: Rounds) -> None:
        self._spool = spool
        self._rounds = rounds

    def commands(self) -> Mapping[str, Command]:
        return {
            "registry.list": self._list,
            "registry.show": self._show,
            "registry.build": self._build,
            "registry.send": self._send,
            "registry.standing": self._standing,
        }

    async def _list(self, arguments: Item) -> AsyncIterator[Item]:
        limit, kind = arguments.get("limit", _DEFAULT_LIST), arguments.get("kind")
        if type(limit) is not int or not 1 <= limit <= _LARGEST_LIST:
            raise ControlError("bad_argument", f"limit is a number from 1 to {_LARGEST_LIST}")
        for item in await self._spool.read(
            lambda tx: [_item(tx, one) for one in book.latest(tx, limit=limit, kind=kind)]
        ):
            yield item

    async def _show(self, arguments: Item) -> AsyncIterator[Item]:
        registry = await self._spool.read(lambda tx: _the_one(tx, arguments.get("id")))
        yield await self._spool.read(lambda tx: _item(tx, registry))
        if registry.seal is None:
            return
        async for piece in body(self._spool, registry):
            for line in piece.decode().splitlines():
                yield {"line": line}

    async def _build(self, arguments: Item) -> AsyncIterator[Item]:
        ahead = arguments.get("ahead", False)
        if type(ahead) is not bool:
            raise ControlError("bad_argument", "ahead is true or false")
        try:
            built = await self._rounds.build(ahead=ahead)
        except ClockBrokenError as fault:
            raise ControlError("clock_broken", str(fault)) from None
        for registry_id in built:
            yield await self._spool.read(lambda tx: _item(tx, _the_one(tx, registry_id)))  # noqa: B023 - awaited in this round

    async def _send(self, arguments: Item) -> AsyncIterator[Item]:
        wanted, by = arguments.get("id"), arguments.get("by") or getpass.getuser()

        def order(tx: Transaction) -> Sequence[Item]:
            if wanted is not None:
                return [_sent_again(tx, self._series(tx, wanted), _the_one(tx, wanted), by=str(by))]
            return [item for series in self._rounds.series for item in _sent_now(tx, series)]

        for item in await self._spool.write(order):
            yield item

    async def _standing(self, _: Item) -> AsyncIterator[Item]:
        for one in await self._spool.read(standing):
            oldest = None if one.oldest_to is None else one.oldest_to.isoformat()
            yield {"kind": one.kind, "waiting": one.waiting, "oldest_to": oldest}

    def _series(self, tx: Transaction, registry_id: object) -> Series:
        kind = _the_one(tx, registry_id).header.kind
        found = [series for series in self._rounds.series if series.kind is kind]
        if not found or not found[0].sends:
            raise ControlError("not_sent", f"registries of kind {kind} are not sent from here")
        return found[0]


def _sent_again(tx: Transaction, series: Series, registry: Registry, *, by: str) -> Item:
    """One registry, out of its turn: whoever asks for it wants this one."""
    match state_of(tx, registry)[0]:
        case State.CLOSED:
            raise ControlError("not_built", "what it holds is not counted yet: `registry build` first")
        case State.AT_PERSON:
            retry_by_person(tx, id_of(tx, registry.key), person=by, reason=_ORDERED)
        case State.WAITING if registry.sendings:
            requeue(tx, registry.key, _ORDERED)
        case _:
            book.send(tx, series, registry.header.registry_id)
    return _item(tx, _the_one(tx, registry.header.registry_id))


def _sent_now(tx: Transaction, series: Series) -> Sequence[Item]:
    """What waits for its next attempt, or for its turn."""
    book.send_next(tx, series)
    waiting = [one for one in book.unacknowledged(tx, series.kind) if one.sendings]
    return [_item(tx, one) for one in waiting if requeue(tx, one.key, _ORDERED)]


def _the_one(tx: Transaction, registry_id: object) -> Registry:
    if not isinstance(registry_id, str):
        raise ControlError("bad_argument", "id is a registry's, such as 10001-TECH-17")
    found = book.load(tx, registry_id)
    if found is None:
        raise ControlError("no_such_registry", f"this store has no registry {registry_id}")
    return found


def _item(tx: Transaction, registry: Registry) -> Item:
    header, seal = registry.header, registry.seal
    state, note = state_of(tx, registry)
    item: Item = {
        "registry_id": header.registry_id,
        "kind": header.kind.value,
        "from": instant(header.opens_at),
        "to": instant(header.closes_at),
        "count": None,
        "sum": None,
        "fee": None,
        "total": None,
        "state": state.value,
        "sendings": registry.sendings,
        "sha256": None,
        "note": note,
    }
    if seal is not None:
        sums = {name: money(getattr(seal.totals, name)) for name in ("sum", "fee", "total")}
        item |= {"count": seal.totals.count, **sums, "sha256": seal.sha256}
    return item
