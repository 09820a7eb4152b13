import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.ledger import Ledger, Seen

SCHEMA = "CREATE TABLE IF NOT EXISTS thing (name TEXT NOT NULL) STRICT;"


@pytest.fixture
def ledger(tmp_path: Path, clock: Any) -> Any:
    opened = Ledger(tmp_path / "book.db", SCHEMA, now=clock)
    yield opened
    opened.close()


def test_what_fails_in_the_middle_leaves_nothing(ledger: Ledger) -> None:
    def half_done() -> None:
        ledger.insert("thing", {"name": "one"})
        ledger.record(Seen("bank_payment", "result 0"))
        raise KeyError

    with pytest.raises(KeyError), ledger.transaction():
        half_done()
    assert ledger.rows("SELECT * FROM thing") == ledger.last_seen(9) == []


def test_others_may_read_the_book_while_it_is_open(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.transaction():
        ledger.insert("thing", {"name": "one"})
    reader = sqlite3.connect(f"file:{tmp_path}/book.db?mode=ro", uri=True)
    assert reader.execute("SELECT name FROM thing").fetchall() == [("one",)]
    reader.close()


def test_requests_are_counted_by_operation_and_identifier(ledger: Ledger) -> None:
    for operation, identifier in (("hold", "1"), ("hold", "1"), ("hold", "2"), ("capture", "1")):
        ledger.record(Seen(operation, "39 = 00", identifier=identifier))
    assert ledger.seen_before("hold", "1") == 2
    assert ledger.seen_before("reversal", "1") == 0


def test_the_log_is_newest_first_and_dated(ledger: Ledger, clock: Any) -> None:
    ledger.record(Seen("hold", "39 = 00"))
    clock.advance(seconds=1.5)
    ledger.record(Seen("hold", "39 = 30", place="field 4"))
    newest, oldest = ledger.last_seen(2)
    assert (newest["place"], newest["at"]) == ("field 4", "2026-11-22T09:05:10.500+00:00")
    assert oldest["at"] == "2026-11-22T09:05:09.000+00:00"
    assert len(ledger.last_seen(1)) == 1


def test_a_book_goes_on_where_it_was(ledger: Ledger, tmp_path: Path, clock: Any) -> None:
    ledger.record(Seen("hold", "39 = 00", identifier="1"))
    ledger.close()
    again = Ledger(tmp_path / "book.db", SCHEMA, now=clock)
    assert again.seen_before("hold", "1") == 1
    again.close()
