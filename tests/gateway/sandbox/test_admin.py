"""The sandbox's own API: what it shows is what the servers did, and what it is told happens."""

from typing import Any

import aiohttp
import pytest

from gateway.sandbox.books import CardRow, EportRow
from gateway.sandbox.registry_comparison import RegistryRow


@pytest.fixture
async def admin(sandbox: Any) -> Any:
    async with aiohttp.ClientSession(sandbox.admin_url) as session:

        async def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            async with session.request(method, path, json=body) as response:
                return response.status, await response.json()

        yield call


async def test_it_tells_its_calls_faults_and_rules(admin: Any) -> None:
    _, told = await admin("GET", "/")
    assert "PUT /faults" in told["calls"]
    assert "black hole" not in told["faults"]["names"]
    assert told["rules"]["eport"]["total"] == "400: total = sum + fee"
    assert told["rules"]["card-host"]["capture_too_large"] == "13: a capture is at most what was approved"


async def test_the_ledgers_are_rows_for_the_books(
    *, admin: Any, eport_client: Any, card_line: Any, bodies: Any, messages: Any, sandbox: Any
) -> None:
    await eport_client.post("bank_account", bodies.check())
    await eport_client.post("bank_payment", bodies.payment())
    await card_line.ask(messages.hold())
    _, eport = await admin("GET", "/ledger/eport")
    _, cards = await admin("GET", "/ledger/card-host")
    assert [EportRow(**row) for row in eport["payments"]] == sandbox.eport_rows()
    assert [
        CardRow(**row | {"violations": tuple(row["violations"])}) for row in cards["holds"]
    ] == sandbox.card_rows()


async def test_the_log_says_what_was_wrong_and_where(admin: Any, eport_client: Any, bodies: Any) -> None:
    await eport_client.post("bank_account", bodies.check(account="7;1"))
    await eport_client.post("bank_account", bodies.check())
    _, log = await admin("GET", "/log?last=2")
    good, bad = log["eport"]
    assert (good["verdict"], good["rule"], good["terminal"]) == ("result 0, final", None, "ATM00017")
    assert (bad["rule"], bad["place"]) == ("value", "request/bank_account/requisites/requisite[1]")
    assert log["card-host"] == []


@pytest.mark.parametrize("last", ["0", "many", "10001", ""])
async def test_a_log_has_a_length(last: str, admin: Any) -> None:
    assert (await admin("GET", f"/log?last={last}"))[0] == 400


PLAN = {
    "rules": [{"name": "cut", "position": "after", "operation": "bank_payment", "count": 2}],
    "seeded": {"seed": 7, "rate": 0.5, "names": ["delay", "silence"]},
    "delay_seconds": 0.25,
}


async def test_faults_are_put_shown_and_deleted(admin: Any, sandbox: Any) -> None:
    _, put = await admin("PUT", "/faults", PLAN)
    status, shown = await admin("GET", "/faults")
    assert (status, put) == (200, shown)
    assert shown["rules"][0] == {
        **PLAN["rules"][0],
        **dict.fromkeys(("wire", "identifier", "terminal", "account")),
        "dice": 0,
    }
    assert shown["seeded"] == {"seed": 7, "rate": 0.5, "names": ["delay", "silence"], "at_most": 2}
    assert (shown["delay_seconds"], sandbox.faults.delay_seconds) == (0.25, 0.25)
    assert (await admin("PUT", "/faults", shown))[1] == shown  # what is shown can be put
    _, deleted = await admin("DELETE", "/faults")
    assert (deleted["rules"], deleted["seeded"]) == ([], None)


async def test_a_fault_that_was_put_happens(admin: Any, eport_client: Any, bodies: Any) -> None:
    await admin("PUT", "/faults", {"rules": [{"name": "5xx", "account": "7011234567"}]})
    assert (await eport_client.post("bank_account", bodies.check())).status == 500
    assert (await admin("GET", "/faults"))[1]["rules"] == []


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"rules": [{"name": "thunder"}]}, "rules.0.name"),
        ({"rules": [{"name": "cut", "when": "now"}]}, "rules.0.when"),
        ({"seeded": {"seed": 1, "rate": 1}}, "seeded.rate"),
        ({"seeds": 1}, "seeds"),
        ([], "body"),
    ],
)
async def test_a_wrong_plan_is_refused_whole(body: Any, place: str, admin: Any) -> None:
    _, before = await admin("PUT", "/faults", PLAN)
    status, answer = await admin("PUT", "/faults", body)
    assert (status, answer["wrong"].split(":")[0]) == (400, place)
    assert (await admin("GET", "/faults"))[1] == before


async def test_an_account_behaves_as_it_is_told(admin: Any, eport_client: Any, bodies: Any) -> None:
    await admin("PUT", "/accounts/eport/7011234567", {"behaves_as": "900005"})
    _, accounts = await admin("GET", "/accounts")
    told = await eport_client.post("bank_account", bodies.check("26112200000000000001"))
    await admin("PUT", "/accounts/eport/7011234567", {"behaves_as": None})
    itself = await eport_client.post("bank_account", bodies.check("26112200000000000002"))
    assert accounts["eport"]["told"] == {"7011234567": "900005"}
    assert accounts["eport"]["special"]["…900005"] == "check refused 5: not found"
    assert [told.text("result"), itself.text("result")] == ["5", "0"]
    status, _ = await admin("PUT", "/accounts/eport/7011234567", {"behaves_as": "123456"})
    assert status == 400


async def test_a_card_behaves_as_it_is_told(admin: Any, card_line: Any, messages: Any) -> None:
    await card_line.ask(messages.hold())
    _, accounts = await admin("GET", "/accounts")
    (card,) = accounts["card-host"]
    assert (card["balance"], card["held"]) == (100_000_000_00, 154500)
    path = f"/accounts/card-host/{card['token']}"
    _, told = await admin("PUT", path, {"answers": "41", "balance_minor": 5})
    assert (told["answers"], told["balance"], told["held"]) == ("41", 5, 154500)
    assert await card_line.code(messages.hold(f37="632600001235", f11="000005")) == "41"
    await admin("PUT", path, {"answers": ""})
    assert await card_line.code(messages.hold(f37="632600001236", f11="000006")) == "51"
    assert (await admin("PUT", "/accounts/card-host/nobody", {}))[0] == 400


@pytest.mark.parametrize(
    ("end", "result", "status"), [("accepted", "0", "ACCEPTED"), ("refused", "7", "REFUSED")]
)
async def test_a_pending_payment_ends_by_hand(
    *, end: str, result: str, status: str, admin: Any, eport_client: Any, bodies: Any, sandbox: Any
) -> None:
    await eport_client.post("bank_account", bodies.check(account="7010933090"))
    await eport_client.post("bank_payment", bodies.payment(account="7010933090"))
    assert (await admin("PUT", "/payments/26112200000001234567", {"end": end}))[0] == 200
    told = await eport_client.post("bank_status", bodies.txn("bank_status"))
    assert (told.verdict, sandbox.eport_rows()[0].status) == ((result, "true"), status)
    assert (await admin("PUT", "/payments/26112200000001234567", {"end": end}))[0] == 400  # it has ended


async def test_the_ledgers_of_registries_are_rows_too(
    *, admin: Any, registry_client: Any, central_client: Any, registries: Any, sandbox: Any
) -> None:
    await registry_client.send(registries.file(registries.line()))
    await central_client.send(registries.file(registries.line(), kind="BANK"))
    for path, rows, registry_id in (
        ("/ledger/eport-registry", sandbox.eport_registry_rows(), "10001-TECH-7"),
        ("/ledger/central", sandbox.central_rows(), "10001-BANK-7"),
    ):
        _, ledger = await admin("GET", path)
        assert [RegistryRow(**row) for row in ledger["operations"]] == rows
        assert [(it["registry_id"], it["count"]) for it in ledger["registries"]] == [(registry_id, 1)]


async def test_a_day_is_closed_by_hand(admin: Any) -> None:
    assert (await admin("GET", "/days"))[1] == {"closed": []}
    _, told = await admin("PUT", "/days/10001/2026-11-22")
    assert [(it["point"], it["day"]) for it in told["closed"]] == [("10001", "2026-11-22")]
    assert (await admin("PUT", "/days/10001/yesterday"))[0] == 400
