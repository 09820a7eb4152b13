"""The platform's own API: what it shows is what happened, and what it is told happens."""

from typing import Any

import aiohttp
import pytest

from gateway.sandbox.transfer_books import PlatformRow


@pytest.fixture
async def admin(town: Any) -> Any:
    async with aiohttp.ClientSession(town.platform.admin_url) as session:

        async def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            async with session.request(method, path, json=body) as answer:
                return answer.status, await answer.json()

        yield call


async def test_it_tells_its_calls_steps_and_rules(admin: Any) -> None:
    _, told = await admin("GET", "/")
    assert "PUT /participants/{bank_id}" in told["calls"]
    assert "16.1 answer" in told["faults"]["steps"]
    assert told["rules"]["replay"] == "409: a MsgId belongs to one content"


async def test_the_ledger_is_rows_for_the_books(admin: Any, town: Any) -> None:
    order = await town.pay()
    _, ledger = await admin("GET", "/ledger")
    assert [PlatformRow(**row) for row in ledger["transfers"]] == town.platform.rows()
    assert [one["blocked_minor"] for one in ledger["participants"]] == [0, 0]
    _, chain = await admin("GET", f"/chains/{order.end_to_end_id}")
    assert len(chain["messages"]) == 10


async def test_a_fault_of_a_step_can_be_ordered_and_taken_back(admin: Any, town: Any) -> None:
    rule = {"name": "refuse", "wire": "platform", "operation": "10", "dice": 1, "terminal": None}
    status, told = await admin("PUT", "/faults", {"rules": [rule]})
    assert (status, told["rules"][0]["operation"]) == (200, "10")
    assert (await town.pay()).reason == "AM02"
    await admin("PUT", "/faults", {"rules": [rule]})
    _, told = await admin("DELETE", "/faults")
    assert told["rules"] == []


async def test_a_position_is_set_by_its_participant(admin: Any, town: Any) -> None:
    _, told = await admin("PUT", "/participants/AAA", {"position_minor": 1, "limit_minor": 10**12})
    assert told["participants"][0]["position_minor"] == 1
    assert (await town.pay()).reason == "ED05"


async def test_a_new_participant_joins(admin: Any) -> None:
    new = {"bic": "CCCCKZKA", "url": "https://localhost:1", "pins": ["0" * 64]}
    _, told = await admin("PUT", "/participants/CCC", new)
    assert [one["bank_id"] for one in told["participants"]] == ["AAA", "BBB", "CCC"]


@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("/participants/CCC", {}, "bic"),
        ("/participants/CCC", {"bic": "AAAAKZKA"}, "bic"),
        ("/participants/CCCC", {"bic": "CCCCKZKA"}, "bank_id"),
        ("/participants/AAA", {"url": "http://localhost"}, "url"),
        ("/faults", {"rules": [{"name": "refuse", "operation": "18"}]}, "operation"),
    ],
)
async def test_a_wrong_call_is_told_what_is_wrong(admin: Any, path: str, body: Any, wrong: str) -> None:
    status, told = await admin("PUT", path, body)
    assert status == 400
    assert wrong in told["wrong"]
