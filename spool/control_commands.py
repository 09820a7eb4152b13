"""The spool's own commands on a control socket.

| command | arguments | answers |
|---|---|---|
| list | state? (default: all open ones), limit? | one item for each entry |
| show | entry (number or key) | the entry with its history |
| retry, close | entry, person, reason | the entry as it is then |
| health | – | one item |
| snapshot | path | where the copy is |
| check | – | `ok`, or what is wrong with the file |
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from spool.control import Command
from spool.entry_states import State
from spool.errors import ControlError
from spool.health import Health
from spool.transaction import Transaction
from spool.worklist import Describe, Listed, close_by_person, entries_in, id_of, retry_by_person, show

Arguments = dict[str, Any]
Item = dict[str, Any]
T = TypeVar("T")

_OPEN = (State.TO_PERSON, State.CLAIMED, State.READY)
_DEFAULT_LIMIT = 100


class Store(Protocol):
    """What a command needs of a store: an open `Spool` has it, and a `Visit`."""

    async def read(self, fn: Callable[[Transaction], T]) -> T: ...
    async def write(self, fn: Callable[[Transaction], T], *, durable: bool = True) -> T: ...
    async def health(self) -> Health: ...
    async def snapshot(self, path: Path) -> None: ...
    async def check(self) -> str: ...


def spool_commands(spool: Store, *, describe: Describe | None = None) -> Mapping[str, Command]:
    """For `ControlServer`. `describe(kind, payload)` says what a person may see of a payload."""
    commands = _SpoolCommands(spool, describe)
    return {
        "list": commands.list,
        "show": commands.show,
        "retry": commands.retry,
        "close": commands.close,
        "health": commands.health,
        "snapshot": commands.snapshot,
        "check": commands.check,
    }


class _SpoolCommands:
    def __init__(self, spool: Store, describe: Describe | None) -> None:
        self._spool = spool
        self._describe = describe

    async def list(self, arguments: Arguments) -> AsyncIterator[Item]:
        states = _states(arguments.get("state"))
        limit = _limit(arguments.get("limit", _DEFAULT_LIMIT))
        left = limit
        for state in states:
            listed = await self._spool.read(lambda tx: entries_in(tx, state, at_most=left))  # noqa: B023 - awaited in this round
            left -= len(listed)
            for entry in listed:
                yield _item(entry)
            if left <= 0:
                return

    async def show(self, arguments: Arguments) -> Item:
        return await self._spool.read(lambda tx: self._shown(tx, _entry_id(tx, arguments)))

    async def retry(self, arguments: Arguments) -> Item:
        return await self._decide(arguments, retry_by_person)

    async def close(self, arguments: Arguments) -> Item:
        return await self._decide(arguments, close_by_person)

    async def health(self, _: Arguments) -> Item:
        return _plain(asdict(await self._spool.health()))

    async def snapshot(self, arguments: Arguments) -> Item:
        path = Path(_text(arguments, "path"))
        if not path.is_absolute():
            raise ControlError("bad_argument", "path is absolute: the owner of the store has another folder")
        await self._spool.snapshot(path)
        return {"path": str(path)}

    async def check(self, _: Arguments) -> Item:
        return {"result": await self._spool.check()}

    async def _decide(self, arguments: Arguments, decide: Callable[..., None]) -> Item:
        person, reason = _text(arguments, "person"), _text(arguments, "reason")

        def decided(tx: Transaction) -> Item:
            entry_id = _entry_id(tx, arguments)
            decide(tx, entry_id, person=person, reason=reason)
            return self._shown(tx, entry_id)

        return await self._spool.write(decided)

    def _shown(self, tx: Transaction, entry_id: int) -> Item:
        shown = show(tx, entry_id, describe=self._describe)
        return {
            **_item(shown.listed),
            "described": dict(shown.described),
            "history": [_plain(asdict(line)) for line in shown.history],
        }


def _item(listed: Listed) -> Item:
    return _plain(asdict(listed))


def _plain(item: Item) -> Item:
    """The same with times as RFC 3339 text, however deep they stand."""
    return {name: _plain_value(value) for name, value in item.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, list | tuple):
        return [_plain_value(part) for part in value]
    return value


def _entry_id(tx: Transaction, arguments: Arguments) -> int:
    match arguments.get("entry"):
        case bool():
            pass
        case int(entry_id):
            return entry_id
        case str(key):
            return id_of(tx, key)
    raise ControlError("bad_argument", "entry is the number or the key of an entry")


def _states(state: object) -> tuple[State, ...]:
    if state is None:
        return _OPEN
    if state in [known.value for known in State]:
        return (State(state),)
    raise ControlError("bad_argument", f"state is one of {', '.join(State)}")


def _limit(limit: object) -> int:
    if type(limit) is int and limit > 0:
        return limit
    raise ControlError("bad_argument", "limit is a number above 0")


def _text(arguments: Arguments, name: str) -> str:
    text = arguments.get(name)
    if isinstance(text, str) and text.strip():
        return text.strip()
    raise ControlError("bad_argument", f"{name} is missing")
