import re

import pytest

from gateway.api import openapi
from gateway.api.server import application
from gateway.api.table import CALLS, MONITOR_CALLS, TERMINAL_CALLS, problems_of
from gateway.problems import KINDS


@pytest.fixture(scope="module")
def contract() -> dict:
    return openapi.build()


def test_the_checked_in_contract_is_the_one_that_is_built() -> None:
    built = openapi.text()
    assert openapi.checked_in().decode() == built, (
        "run `python -m gateway.api.openapi` and look at the difference"
    )


@pytest.mark.parametrize("calls", [TERMINAL_CALLS, MONITOR_CALLS])
def test_the_routes_are_those_of_the_contract(contract, calls) -> None:
    async def nothing(asked):
        raise AssertionError

    app = application(calls, dict.fromkeys((call.name for call in calls), nothing), body_bytes=1)
    routes = {(route.method, route.resource.canonical) for route in app.router.routes()}
    assert routes == {(call.method, call.path) for call in calls}
    for method, path in routes:
        assert method.lower() in contract["paths"][path]


def test_every_reference_leads_somewhere(contract) -> None:
    wanted = set(re.findall(r"#/components/schemas/(\w+)", openapi.text()))
    assert wanted == set(contract["components"]["schemas"])


def test_every_problem_of_a_call_is_in_its_responses(contract) -> None:
    for call in CALLS:
        responses = contract["paths"][call.path][call.method.lower()]["responses"]
        for code in problems_of(call):
            assert code in responses[str(KINDS[code].status)]["description"], (call.name, code)


def test_the_list_of_codes_is_in_the_contract(contract) -> None:
    assert set(contract["x-problem-codes"]) == set(KINDS)
    told = {code for call in CALLS for code in problems_of(call)}
    assert set(KINDS) - told == {"not_found", "method_not_allowed"}, "these belong to no call"


def test_every_post_wants_a_key_and_every_long_poll_a_preference(contract) -> None:
    for call in CALLS:
        names = {p["name"] for p in contract["paths"][call.path][call.method.lower()].get("parameters", [])}
        assert ("Idempotency-Key" in names) == (call.method == "POST")
        assert ("Prefer" in names) == call.waits
        for chosen in ("payment_id", "order_id", "sale_id"):
            assert (chosen in names) == (f"{{{chosen}}}" in call.path)


def test_money_is_an_integer_with_a_currency(contract) -> None:
    money = contract["components"]["schemas"]["Money"]
    assert money["properties"]["amount_minor"]["type"] == "integer"
    assert money["properties"]["currency"]["const"] == "KZT"
    assert money["additionalProperties"] is False
