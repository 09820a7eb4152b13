"""e-port's daily registry: nothing until the day is closed, then the same bytes for ever."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import aiohttp
import pytest

ACCEPTED = ("0", "true")
FORBIDDEN = ("7", "true")
TODAY, YESTERDAY = "2026-11-22", "2026-11-21"
DAY_AND_SEQUENCE = "261122" + "000000012345"


@pytest.fixture
async def paid(eport_client: Any, bodies: Any) -> Any:
    """Pays with txn_id …n, and the account given."""

    async def paid(n: int = 0, **what: str) -> Any:
        check_id, txn_id = f"{DAY_AND_SEQUENCE}{n}6", f"{DAY_AND_SEQUENCE}{n}7"
        await eport_client.post("bank_account", bodies.check(check_id, **what))
        return await eport_client.post("bank_payment", bodies.payment(txn_id, check_id=check_id, **what))

    return paid


async def put(sandbox: Any, path: str, **body: str) -> Any:
    session = aiohttp.ClientSession(sandbox.admin_url)
    async with session, session.put(path, json=body) as response:
        return await response.json()


async def close(sandbox: Any, day: str = TODAY) -> Any:
    return await put(sandbox, f"/days/10001/{day}")


async def test_an_open_day_is_404_with_a_time_to_come_again(registry_client: Any, clock: Any) -> None:
    answer = await registry_client.day(TODAY)
    assert (answer.status, answer.headers["retry-after"]) == (404, "3600")
    clock.advance(hours=11, minutes=54)  # 01:59:09 of the next day in Almaty
    assert (await registry_client.day(TODAY)).headers["retry-after"] == "51"


async def test_the_clock_closes_a_day_two_hours_after_its_end(
    registry_client: Any, paid: Any, clock: Any
) -> None:
    await paid(1)
    await paid(2, account="7011900005")  # refused
    await paid(3, account="7011933090")  # in doubt
    clock.advance(hours=12)
    answer = await registry_client.day(TODAY)
    assert answer.status == 200
    head, line, trailer, rest = answer.body.decode().split("\r\n")
    assert head == (
        "H;1;DAY;10001;10001-DAY-20780;2026-11-22T00:00:00+05:00;2026-11-23T00:00:00+05:00;KZT;"
        "2026-11-23T02:05:09+05:00"
    )
    assert line == (
        "D;26112200000001234517;900000001;ATM00017;beeline-kz;7011234567;1500.00;45.00;1545.00;"
        "2026-11-22T14:05:09+05:00;2026-11-22T14:05:09+05:00;ACCEPTED;0;632600001234;CARD"
    )
    before = f"{head}\r\n{line}\r\n".encode()
    assert trailer == f"T;1;1500.00;45.00;1545.00;{sha256(before).hexdigest()}"
    assert rest == ""
    assert answer.headers["registry-id"] == "10001-DAY-20780"
    assert answer.headers["repr-digest"] == f"sha-256=:{b64encode(sha256(answer.body).digest()).decode()}:"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


async def test_a_closed_day_is_the_same_for_ever(
    registry_client: Any, paid: Any, clock: Any, sandbox: Any
) -> None:
    await paid(1)
    await close(sandbox)
    first = await registry_client.day(TODAY)
    clock.advance(days=3)
    assert (await close(sandbox))["closed"][0]["day"] == TODAY
    assert (await registry_client.day(TODAY)).body == first.body


async def test_a_day_without_payments_is_a_registry_too(registry_client: Any, sandbox: Any) -> None:
    answer = await registry_client.day(YESTERDAY)
    assert answer.body.split(b"\r\n")[1].startswith(b"T;0;0.00;0.00;0.00;")


async def test_after_the_close_no_payment_of_that_day_is_accepted(
    registry_client: Any, paid: Any, clock: Any, sandbox: Any
) -> None:
    await paid(1)
    await close(sandbox)
    assert (await paid(2)).verdict == FORBIDDEN
    clock.advance(days=1)
    assert (await paid(3)).verdict == FORBIDDEN  # first sent late, but its txn_id is of that day
    assert (await paid(1)).verdict == ACCEPTED  # this one is in the registry
    assert [row.status for row in sandbox.eport_rows()] == ["ACCEPTED", "REFUSED", "REFUSED"]


async def test_what_was_in_doubt_at_the_close_is_refused_when_it_ends(
    *, paid: Any, clock: Any, sandbox: Any, eport_client: Any, bodies: Any
) -> None:
    assert (await paid(1, account="7011933090")).verdict == ("90", "false")
    await close(sandbox)
    assert await put(sandbox, "/payments/26112200000001234517", end="accepted") == {
        "txn_id": "26112200000001234517",
        "end": "refused",
    }
    status = await eport_client.post("bank_status", bodies.txn("bank_status", "26112200000001234517"))
    assert status.verdict == FORBIDDEN


async def test_a_payment_of_before_midnight_that_ends_after_it_is_of_the_next_day(
    *, registry_client: Any, paid: Any, clock: Any, sandbox: Any
) -> None:
    await paid(1, account="7011933090")
    clock.advance(hours=10)  # 00:05 in Almaty
    assert (await put(sandbox, "/payments/26112200000001234517", end="accepted"))["end"] == "accepted"
    clock.advance(days=2)
    assert b"26112200000001234517" not in (await registry_client.day(TODAY)).body
    assert b"26112200000001234517" in (await registry_client.day("2026-11-23")).body


async def test_what_stands_in_a_closed_registry_cannot_be_cancelled(
    paid: Any, sandbox: Any, eport_client: Any, bodies: Any
) -> None:
    await paid(1)
    await close(sandbox)
    cancel = await eport_client.post("bank_cancel", bodies.txn("bank_cancel", "26112200000001234517"))
    assert cancel.verdict == ("251", "true")


@pytest.mark.parametrize("day", ["2026-13-01", "20261122", "today"])
async def test_a_day_has_a_form(day: str, registry_client: Any) -> None:
    assert (await registry_client.day(day)).status == 400


async def test_a_certificate_of_no_point_has_no_days(registry_client: Any, impostor: Any) -> None:
    stranger = type(registry_client)(registry_client.port, registry_client.ca, impostor.identity)
    assert (await stranger.day(YESTERDAY)).status == 403


@pytest.mark.parametrize(
    ("name", "status"), [("5xx", 500), ("refuse", 403), ("delay", 200), ("duplicate", 200)]
)
async def test_named_faults_of_a_daily_registry(
    name: str, status: int, registry_client: Any, fault_next: Any
) -> None:
    fault_next(name, "before", operation="daily", identifier=YESTERDAY)
    assert (await registry_client.day(YESTERDAY)).status == status
    assert (await registry_client.day(YESTERDAY)).status == 200
