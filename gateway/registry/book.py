"""The registries of one store: closed windows in their order, what each holds, and what became of it.

A window's life: it is *closed* (a row with its number; from then on nothing can enter it), *sealed* (its totals
and hashes are known), and *acknowledged* by its receiver. Each step is one short transaction; between them lies
only reading, so a registry of a million lines keeps no payment waiting, and whoever is interrupted goes on with
the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.registry.layout import Header, Kind, Totals
from gateway.registry.window import EVERY, LENGTH, ends_between, last_end
from gateway.times import from_ms, to_ms
from spool import NewEntry, Transaction, close_entry, enqueue, lane_is_busy

LARGEST_CLOSE: Final = 48  # windows in one transaction

_BEGIN: Final = """
INSERT INTO registry_series (kind, last_n, closed_to_ms) VALUES (:kind, :last_n, :closed_to_ms)
ON CONFLICT (kind) DO NOTHING
"""
_OLDEST_CHANGE: Final = "SELECT min(changed_ms) FROM registry_change"
_SERIES: Final = "SELECT last_n, closed_to_ms FROM registry_series WHERE kind = :kind"
_CLOSE: Final = """
INSERT INTO registry (kind, n, registry_id, holder, time_zone, opens_ms, closes_ms, created_ms)
VALUES (:kind, :n, :registry_id, :holder, :time_zone, :opens_ms, :closes_ms, :created_ms)
"""
_CLOSED: Final = "UPDATE registry_series SET last_n = :n, closed_to_ms = :closes_ms WHERE kind = :kind"
_SEAL: Final = """
UPDATE registry SET count = :count, sum_minor = :sum, fee_minor = :fee, total_minor = :total,
    length = :length, lines_sha256 = :lines_sha256, sha256 = :sha256
WHERE kind = :kind AND n = :n AND sha256 IS NULL
"""
_NEXT_UNSENT: Final = """
SELECT n, sha256, registry_id FROM registry WHERE kind = :kind AND sent_ms IS NULL AND acknowledged_ms IS NULL
ORDER BY n LIMIT 1
"""
_SENT: Final = """
UPDATE registry SET sendings = sendings + 1, sent_ms = :now WHERE registry_id = :id RETURNING sendings
"""
_ACKNOWLEDGE: Final = "UPDATE registry SET acknowledged_ms = :now WHERE registry_id = :id"
_REWIND: Final = """
UPDATE registry SET acknowledged_ms = NULL, sent_ms = NULL WHERE kind = :kind AND n >= :n AND sendings > 0
RETURNING registry_id, sendings
"""
_COLUMNS: Final = """kind, n, registry_id, holder, time_zone, opens_ms, closes_ms, created_ms, count, sum_minor,
    fee_minor, total_minor, length, lines_sha256, sha256, sendings, acknowledged_ms"""


@dataclass(frozen=True, kw_only=True)
class Series:
    """The registries of one kind that this store makes. registry_id = `<name><n>`.

    `floor`: the number of the last registry that an earlier store sent under this name. `sends`: they are
    sent, under the spool's `entry_kind` and `destination`; else the receiver fetches them.
    """

    kind: Kind
    holder: str
    name: str
    time_zone: ZoneInfo
    entry_kind: str
    destination: str
    sends: bool = True
    floor: int = 0

    @property
    def lane(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Seal:
    """What a registry holds. `lines_sha256` is of every byte before the trailer, `sha256` of the whole body."""

    totals: Totals
    length: int
    lines_sha256: str
    sha256: str


@dataclass(frozen=True)
class Registry:
    header: Header
    seal: Seal | None
    sendings: int
    acknowledged_at: datetime | None

    @property
    def key(self) -> str:
        """Of its entry in the spool."""
        return _key(self.header.registry_id, self.sendings)


def begin(tx: Transaction, series: Series) -> None:
    """Once for each kind of a store: the first window is the one that its oldest change, or now, falls into."""
    found = tx.one(_OLDEST_CHANGE)
    oldest_ms = tx.now_ms if found is None or found[0] is None else min(int(found[0]), tx.now_ms)
    closed_to_ms = to_ms(last_end(from_ms(oldest_ms)))
    tx.execute(_BEGIN, {"kind": series.kind, "last_n": series.floor, "closed_to_ms": closed_to_ms})


def closed_to(tx: Transaction, series: Series) -> datetime:
    """`to` of the last closed window."""
    return from_ms(_standing(tx, series)[1])


def due(tx: Transaction, series: Series, *, until: datetime) -> int:
    """How many windows wait to be closed; none of a series that was not begun."""
    found = tx.one(_SERIES, {"kind": series.kind})
    return 0 if found is None else max((until - from_ms(int(found[1]))) // EVERY, 0)


def close_due(tx: Transaction, series: Series, *, until: datetime) -> int:
    """Close the windows that end not later than `until`, one by one, the empty ones too; how many they were.

    At most LARGEST_CLOSE at a time: call again until there are none.
    """
    last_n, closed_to_ms = _standing(tx, series)
    ends = zip(range(LARGEST_CLOSE), ends_between(from_ms(closed_to_ms), until), strict=False)
    closed = 0
    for offset, closes_at in ends:
        n, closed = last_n + offset + 1, closed + 1
        row = {
            "kind": series.kind,
            "n": n,
            "registry_id": f"{series.name}{n}",
            "holder": series.holder,
            "time_zone": series.time_zone.key,
            "opens_ms": to_ms(closes_at - LENGTH),
            "closes_ms": to_ms(closes_at),
            "created_ms": tx.now_ms,
        }
        tx.execute(_CLOSE, row)
        tx.execute(_CLOSED, {"n": n, "closes_ms": row["closes_ms"], "kind": series.kind})
    return closed


def seal(tx: Transaction, registry: Registry, found: Seal) -> None:
    """Write down what a closed window holds. A second time changes nothing."""
    totals = found.totals
    tx.execute(
        _SEAL,
        {
            "kind": registry.header.kind,
            "n": registry.header.number,
            "count": totals.count,
            "sum": totals.sum,
            "fee": totals.fee,
            "total": totals.total,
            "length": found.length,
            "lines_sha256": found.lines_sha256,
            "sha256": found.sha256,
        },
    )


def send_next(tx: Transaction, series: Series) -> None:
    """Spool the first registry that was not sent yet, unless one before it is still on its way.

    So they leave in order, and one that a person has to see holds up nobody.
    """
    if not series.sends or lane_is_busy(tx, destination=series.destination, lane=series.lane):
        return
    unsent = tx.one(_NEXT_UNSENT, {"kind": series.kind})
    if unsent is not None and unsent[1] is not None:
        send(tx, series, unsent[2])


def send(tx: Transaction, series: Series, registry_id: str) -> None:
    """Spool a sealed registry. Sent again it has a new entry, and the same bytes."""
    sent = tx.one(_SENT, {"id": registry_id, "now": tx.now_ms})
    assert sent is not None, f"there is no registry {registry_id}"
    enqueue(
        tx,
        NewEntry(
            kind=series.entry_kind,
            destination=series.destination,
            lane=series.lane,
            key=_key(registry_id, sent[0]),
            payload=registry_id.encode(),
        ),
    )


def acknowledged(tx: Transaction, registry_id: str) -> None:
    tx.execute(_ACKNOWLEDGE, {"id": registry_id, "now": tx.now_ms})


def rewind(tx: Transaction, series: Series, *, n: int) -> None:
    """The receiver has lost what came from `n` on, as after a restore: all of it is to be sent again."""
    for registry_id, sendings in list(tx.execute(_REWIND, {"kind": series.kind, "n": n})):
        close_entry(tx, _key(registry_id, sendings), "it is sent again in its turn")


def load(tx: Transaction, registry_id: str) -> Registry | None:
    return next(_read(tx, "WHERE registry_id = :id", {"id": registry_id}), None)


def unsealed(tx: Transaction) -> Sequence[Registry]:
    """Closed windows whose content is not counted yet, in order."""
    return list(_read(tx, "WHERE sha256 IS NULL ORDER BY kind, n", {}))


def latest(tx: Transaction, *, limit: int, kind: str | None = None) -> Sequence[Registry]:
    """The newest first."""
    where = "" if kind is None else "WHERE kind = :kind"
    order = f"{where} ORDER BY closes_ms DESC, kind LIMIT :limit"
    return list(_read(tx, order, {"limit": limit, "kind": kind}))


def unacknowledged(tx: Transaction, kind: str) -> Sequence[Registry]:
    """In order."""
    return list(_read(tx, "WHERE kind = :kind AND acknowledged_ms IS NULL ORDER BY n", {"kind": kind}))


def sealed_after(tx: Transaction, kind: Kind, *, n: int, limit: int) -> Sequence[Registry]:
    """Those that can be fetched, in order, with a number above `n`."""
    where = "WHERE kind = :kind AND n > :n AND sha256 IS NOT NULL ORDER BY n LIMIT :limit"
    return list(_read(tx, where, {"kind": kind, "n": n, "limit": limit}))


def _standing(tx: Transaction, series: Series) -> tuple[int, int]:
    found = tx.one(_SERIES, {"kind": series.kind})
    assert found is not None, f"the series {series.kind} was not begun"
    return int(found[0]), int(found[1])


def _key(registry_id: str, sending: int) -> str:
    return f"registry/{registry_id}/{sending}"


def _read(tx: Transaction, where: str, bindings: dict[str, Any]) -> Iterator[Registry]:
    for row in tx.execute(f"SELECT {_COLUMNS} FROM registry {where}", bindings):  # noqa: S608 - our own texts
        yield _from_row(row)


def _from_row(row: tuple[Any, ...]) -> Registry:
    kind, _, registry_id, holder, zone, opens_ms, closes_ms, created_ms, *rest = row
    count, sum_, fee, total, length, lines_sha256, sha256, sendings, acknowledged_ms = rest
    opens_at, closes_at, created_at = (
        from_ms(ms).astimezone(ZoneInfo(zone)) for ms in (opens_ms, closes_ms, created_ms - created_ms % 1000)
    )
    return Registry(
        Header(Kind(kind), holder, registry_id, opens_at, closes_at, created_at),
        None if sha256 is None else Seal(Totals(count, sum_, fee, total), length, lines_sha256, sha256),
        sendings,
        None if acknowledged_ms is None else from_ms(acknowledged_ms),
    )


assert LENGTH >= EVERY, "windows leave no time out"
