"""A daily registry is taken whole or refused whole, with line and reason; and what was taken never changes."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.money import Amount
from gateway.reconciliation import daily
from gateway.reconciliation import intake as intake_module
from gateway.reconciliation.calendar import DAY, midnight
from gateway.reconciliation.intake import Refused, Taken
from gateway.registry.layout import Status
from tests.gateway.reconciliation.conftest import ALMATY, NEXT, TODAY, line, registry

TWO = [line(1), line(2, sum=Amount(9_900))]


async def kept(store) -> tuple[int, int, int]:
    """Rows of registries, pieces and lines."""
    tables = ("daily_registry", "daily_piece", "daily_line")
    return tuple(
        [(await store.read(lambda tx, t=table: tx.one(f"SELECT count(*) FROM {t}")))[0] for table in tables]
    )


async def test_a_registry_is_kept_as_its_exact_bytes(store, closed, intake) -> None:
    closed.files[TODAY] = registry(TODAY, TWO)
    outcome = await intake.take(TODAY, closed)
    assert isinstance(outcome, Taken)
    assert not outcome.known
    found = outcome.registry
    assert (found.registry_id, found.totals.count, found.totals.total) == ("10001-DAY-20780", 2, 168_900)
    assert await store.read(lambda tx: daily.piece(tx, found.daily_id, 0)) == closed.files[TODAY]
    assert found.length == len(closed.files[TODAY])


async def test_an_empty_day_has_a_registry_too(closed, intake) -> None:
    closed.files[TODAY] = registry(TODAY)
    outcome = await intake.take(TODAY, closed)
    assert outcome.registry.totals.count == 0


async def test_the_same_bytes_again_change_nothing(store, closed, intake) -> None:
    closed.files[TODAY] = registry(TODAY, TWO)
    first = await intake.take(TODAY, closed)
    before = await kept(store)
    again = await intake.take(TODAY, closed)
    assert (again.known, again.registry) == (True, first.registry)
    assert await kept(store) == before


async def test_other_bytes_under_the_same_id_are_refused_and_alarmed(store, closed, intake, alarms) -> None:
    closed.files[TODAY] = registry(TODAY, TWO)
    first = await intake.take(TODAY, closed)
    closed.files[TODAY] = registry(TODAY, [line(1)])
    refused = await intake.take(TODAY, closed)
    assert isinstance(refused, Refused)
    assert "with other bytes" in refused.reason
    assert await store.read(lambda tx: daily.taken(tx, TODAY)) == first.registry
    assert [name for name, *_ in await alarms()] == [intake_module.CHANGED]


GOOD = registry(TODAY, TWO)
HEAD, FIRST, SECOND, LAST, _ = GOOD.split(b"\r\n")
MIDDAY = midnight(TODAY, ALMATY) + timedelta(hours=12)
REFUSALS = {
    "truncated": (GOOD[: len(GOOD) // 2], "breaks off"),
    "without its trailer": (
        b"\r\n".join([HEAD, FIRST, SECOND, b""]),
        "line 4: the registry ends without its trailer",
    ),
    "doubled": (GOOD + GOOD, "line 5: something follows the trailer"),
    "a line doubled": (registry(TODAY, [line(1), line(1)]), "line 3: txn_id occurs twice"),
    "tampered with": (GOOD.replace(b";99.00;", b";98.00;"), "line 3: total is not sum + fee"),
    "tampered with, all over": (
        GOOD.replace(b";99.00;45.00;144.00;", b";98.00;45.00;143.00;"),
        "line 4: sum is not that of the lines",
    ),
    "of another point": (GOOD.replace(b"10001", b"10002"), "line 1: it is the registry of another point"),
    "of another kind": (GOOD.replace(b"DAY", b"BANK"), "line 1: kind is not DAY"),
    "of another day": (registry(NEXT, [line(1, NEXT)]), f"line 1: it does not cover {TODAY} in Asia/Almaty"),
    "with a pending line": (
        registry(TODAY, [line(1, status=Status.PENDING)]),
        "line 2: status is not ACCEPTED",
    ),
    "finished on the next day": (
        registry(TODAY, [line(1), line(2, finished_at=midnight(NEXT, ALMATY))]),
        "line 3: finished_at is not within the day",
    ),
    "finished on the day before": (
        registry(TODAY, [line(1, finished_at=midnight(TODAY, ALMATY) - timedelta(seconds=1))]),
        "line 2: finished_at is not within the day",
    ),
    "never finished": (
        registry(TODAY, [line(1, finished_at=None)]),
        "line 2: finished_at is not within the day",
    ),
    "empty": (b"", "line 1: the registry is empty"),
    "no registry": (b"<html>", "breaks off"),
}


@pytest.mark.parametrize(("body", "reason"), REFUSALS.values(), ids=REFUSALS)
async def test_what_is_wrong_refuses_it_whole(store, closed, intake, alarms, body, reason) -> None:
    closed.files[TODAY] = body
    if body[:1] != b"H":
        closed.registry_id = "10001-DAY-20780"
    refused = await intake.take(TODAY, closed)
    assert isinstance(refused, Refused)
    assert reason in f"line {refused.line}: {refused.reason}"
    assert await kept(store) == (0, 0, 0)
    ((name, subject, detail),) = await alarms()
    assert (name, subject) == (intake_module.REFUSED, TODAY.isoformat())
    assert refused.reason in detail


async def test_a_body_that_repr_digest_does_not_promise_is_refused(store, closed, intake) -> None:
    closed.files[TODAY], closed.digest = GOOD, "0" * 64
    refused = await intake.take(TODAY, closed)
    assert refused == Refused(0, "the body has another digest than Repr-Digest promised")
    assert await kept(store) == (0, 0, 0)


async def test_registry_id_names_the_registry_that_came(closed, intake) -> None:
    closed.files[TODAY], closed.registry_id = GOOD, "10001-DAY-1"
    assert (await intake.take(TODAY, closed)).reason == "registry_id is not that of Registry-Id"


async def test_the_id_of_another_day_is_refused(closed, intake) -> None:
    closed.files = {TODAY: GOOD, NEXT: registry(NEXT, registry_id="10001-DAY-20780")}
    assert isinstance(await intake.take(TODAY, closed), Taken)
    assert (await intake.take(NEXT, closed)).reason == "10001-DAY-20780 is the registry of another day"


async def test_what_a_crash_left_half_received_is_gone_at_the_next_attempt(store, closed, intake) -> None:
    def half(tx) -> None:
        daily_id = daily.begin(tx, TODAY)
        for n in range(daily.SLICE + 1):
            daily.add_piece(tx, daily_id, n, b"H;1")
        daily.add_lines(tx, daily_id, [(2, line(1))])

    await store.write(half)
    assert (await intake.take(TODAY, closed)).retry_after_seconds == closed.retry_after
    assert await kept(store) == (0, 0, 0)


async def test_a_refused_registry_may_come_again_as_it_should_be(closed, intake) -> None:
    closed.files[TODAY] = GOOD[:-10]
    assert isinstance(await intake.take(TODAY, closed), Refused)
    closed.files[TODAY] = GOOD
    assert isinstance(await intake.take(TODAY, closed), Taken)


async def test_lines_are_told_apart_across_the_slices_in_which_they_are_read(store, closed, intake) -> None:
    many = [line(n) for n in range(1, 2 * intake_module.SLICE_LINES + 10)]
    closed.piece = 10_000
    closed.files[TODAY] = registry(TODAY, [*many, many[0]])
    refused = await intake.take(TODAY, closed)
    assert refused == Refused(len(many) + 2, "txn_id occurs twice")
    assert await kept(store) == (0, 0, 0)
    closed.files[TODAY] = registry(TODAY, many)
    assert (await intake.take(TODAY, closed)).registry.totals.count == len(many)


def test_a_day_begins_at_midnight_of_its_time_zone_and_may_have_23_hours() -> None:
    berlin, change = ZoneInfo("Europe/Berlin"), date(2026, 3, 29)
    begin, end = midnight(change, berlin), midnight(change + DAY, berlin)
    assert (end.timestamp() - begin.timestamp()) / 3600 == 23
