"""Numbers that are given once, without gaps inside a store.

A number belongs to the transaction that took it: if that is undone, the number was never given.
"""

from spool.transaction import Transaction

_NEXT = """
INSERT INTO sequence (name, last) VALUES (:name, 1)
ON CONFLICT (name) DO UPDATE
   SET last = CASE WHEN sequence.last >= :largest THEN 1 ELSE sequence.last + 1 END
RETURNING last
"""
_FLOOR = """
INSERT INTO sequence (name, last) VALUES (:name, :floor)
ON CONFLICT (name) DO UPDATE
   SET last = CASE WHEN sequence.last < :floor THEN :floor ELSE sequence.last END
"""
_LAST = "SELECT last FROM sequence WHERE name = :name"
_UNBOUNDED = 2**63 - 1


def next_number(tx: Transaction, name: str, largest: int | None = None) -> int:
    """The number after the last one given; 1 is the first, and follows `largest`."""
    tx.must_be_durable("a number")
    row = tx.one(_NEXT, {"name": name, "largest": _UNBOUNDED if largest is None else largest})
    assert row is not None
    return int(row[0])


def set_floor(tx: Transaction, name: str, floor: int) -> None:
    """Never give a number up to `floor` again, as in a store that replaces another. It only raises."""
    tx.must_be_durable("a floor")
    tx.execute(_FLOOR, {"name": name, "floor": floor})


def last_number(tx: Transaction, name: str) -> int | None:
    """The last number given, or the floor; None if there is neither."""
    row = tx.one(_LAST, {"name": name})
    return None if row is None else int(row[0])
