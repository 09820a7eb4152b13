"""The terminals' own registries: taken in order, acknowledged, and compared with our book (PROTOCOLS §1).

A registry is refused whole, with line and reason, before anything of it is kept. The same bytes again get the
same answer. What it tells is kept, and every difference raised, in the commit that acknowledges it.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.alarms import raise_alarm
from gateway.contract import Money, RegistryStanding, RegistryTaken
from gateway.problems import ProblemError
from gateway.registry.differences import differences, lost, silent_terminals
from gateway.registry.layout import Header, Kind, Operation, Totals
from gateway.registry.reading import RegistryError, read
from gateway.times import to_ms
from spool import Store, Transaction
from spool.control import Command

_NUMBER: Final = re.compile(r"(?P<installation>[0-9a-f]{8})-(?P<n>[1-9][0-9]{0,17})", re.ASCII)
_TAKEN: Final = """
SELECT sha256, answer FROM terminal_registry
WHERE terminal = :terminal AND installation = :installation AND n = :n
"""
_LAST: Final = (
    "SELECT max(n) FROM terminal_registry WHERE terminal = :terminal AND installation = :installation"
)
_LATEST: Final = """
SELECT installation, max(n) FROM terminal_registry WHERE terminal = :terminal
GROUP BY installation ORDER BY max(taken_ms) DESC LIMIT 1
"""
_TAKE: Final = """
INSERT INTO terminal_registry (terminal, installation, n, closes_ms, taken_ms, sha256, answer)
VALUES (:terminal, :installation, :n, :closes_ms, :now, :sha256, :answer)
"""
# Nobody tells of another's payment. One that never came to us is whose it is said to be, until it comes.
_TOLD: Final = """
INSERT INTO terminal_payment (payment_id, terminal, ending, taken_ms)
SELECT :payment_id, :terminal, :ending, :now
WHERE NOT EXISTS (SELECT 1 FROM payment WHERE payment_id = :payment_id AND terminal <> :terminal)
ON CONFLICT (payment_id) DO UPDATE
SET terminal = excluded.terminal, ending = excluded.ending, taken_ms = excluded.taken_ms
WHERE terminal_payment.terminal = excluded.terminal
   OR EXISTS (SELECT 1 FROM payment WHERE payment_id = excluded.payment_id AND terminal = excluded.terminal)
"""


@dataclass(frozen=True)
class _Given:
    """A registry that is right in itself."""

    terminal: str
    installation: str
    n: int
    header: Header
    operations: Sequence[Operation]
    answer: RegistryTaken


class TerminalRegistries:
    """PUT and GET /v1/registries/{terminal}; on the control socket `registry.silent`: an item for each terminal
    whose registries do not come, with the end of its last one.
    """

    def __init__(self, spool: Store) -> None:
        self._spool = spool

    def commands(self) -> Mapping[str, Command]:
        return {"registry.silent": self._silent}

    async def _silent(self, _: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        for terminal, closes_at in await self._spool.read(silent_terminals):
            yield {"terminal": terminal, "to": None if closes_at is None else closes_at.isoformat()}

    async def put(self, terminal: str, number: str, body: bytes) -> bytes:
        """Take a registry; the acknowledgement as it was stored. Raises ProblemError, with nothing taken."""
        try:
            given = _read(terminal, number, body)
        except RegistryError as refused:
            detail = f"{number}: {refused}"
            await self._spool.write(
                lambda tx: raise_alarm(tx, "terminal_registry_refused", subject=terminal, detail=detail)
            )
            raise ProblemError(
                "registry_invalid", str(refused), line=refused.line, reason=refused.reason
            ) from None
        answer = await self._spool.write(lambda tx: _take(tx, given))
        if isinstance(answer, bytes):
            return answer
        raise answer

    async def standing(self, terminal: str) -> RegistryStanding:
        """What we expect next of the installation that sent last."""
        latest = await self._spool.read(lambda tx: tx.one(_LATEST, {"terminal": terminal}))
        installation, last = (None, 0) if latest is None else latest
        return RegistryStanding(terminal=terminal, installation=installation, expected=last + 1)


def _read(terminal: str, number: str, body: bytes) -> _Given:
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise ProblemError("malformed_request", "number is <installation>-<n>, such as 0123abcd-17")
    header: Header | None = None
    operations: list[Operation] = []
    totals = Totals()
    for line, part in enumerate(read([body], Kind.TERM), start=1):
        match part:
            case Header():
                header = part
                if part.holder != terminal or part.registry_id != f"{terminal}-{Kind.TERM}-{number}":
                    raise RegistryError(line, "it is the registry of another terminal, or has another number")
            case Operation():
                operations.append(part)
                if part.terminal != terminal:
                    raise RegistryError(line, "the operation is another terminal's")
            case Totals():
                totals = part
    assert header is not None, "the reader has refused what has no header"
    answer = RegistryTaken(
        registry_id=header.registry_id,
        count=totals.count,
        sum=Money(amount_minor=totals.sum),
        fee=Money(amount_minor=totals.fee),
        total=Money(amount_minor=totals.total),
        sha256=hashlib.sha256(body).hexdigest(),
    )
    return _Given(terminal, found["installation"], int(found["n"]), header, operations, answer)


def _take(tx: Transaction, given: _Given) -> bytes | ProblemError:
    """The stored answer, or why there is none."""
    key = {"terminal": given.terminal, "installation": given.installation, "n": given.n}
    if (known := tx.one(_TAKEN, key)) is not None:
        if known[0] == given.answer.sha256:
            return bytes(known[1])
        detail = f"{given.header.registry_id} came with other content"
        raise_alarm(tx, "terminal_registry_conflict", subject=given.terminal, detail=detail)
        return ProblemError("registry_conflict", detail)
    last = tx.one(_LAST, key)
    expected = 1 if last is None or last[0] is None else int(last[0]) + 1
    if given.n != expected:
        return ProblemError("registry_gap", f"number {expected} is expected", expected=expected)
    for operation in given.operations:
        _compare(tx, given.terminal, operation)
    for payment_id in lost(tx, given.terminal, closes=given.header.closes_at):
        detail = f"{given.terminal} has not told of it up to {given.header.closes_at.isoformat()}"
        raise_alarm(tx, "terminal_payment_lost", subject=payment_id, detail=detail)
    answer = given.answer.model_dump_json().encode()
    tx.execute(
        _TAKE,
        {
            **key,
            "closes_ms": to_ms(given.header.closes_at),
            "now": tx.now_ms,
            "sha256": given.answer.sha256,
            "answer": answer,
        },
    )
    return answer


def _compare(tx: Transaction, terminal: str, operation: Operation) -> None:
    for name, detail in differences(tx, operation):
        raise_alarm(tx, name, subject=operation.payment_id, detail=f"{terminal}: {detail}")
    told = {"payment_id": operation.payment_id, "terminal": terminal, "ending": operation.ending}
    tx.execute(_TOLD, {**told, "now": tx.now_ms})
