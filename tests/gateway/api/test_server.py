"""The API as bytes on a socket: what bad input gets, and what every answer carries."""

import json
import re

import aiohttp
import pytest

from gateway.api.table import CALLS, ENROLMENT_CALLS, MONITOR_CALLS, TERMINAL_CALLS
from gateway.problems import KINDS
from gateway.settings import GatewaySection, LimitsSection
from spool import control_call

CHECK = {
    "product": "kokjiek-mobile",
    "requisites": [{"code": "account", "value": "7071234567"}],
    "amount": {"amount_minor": 150_000, "currency": "KZT"},
}


@pytest.fixture
async def http(gateway):
    """A session over the gateway's socket that says of itself only what a test tells it to."""
    connector = aiohttp.UnixConnector(str(gateway.places.socket))
    async with aiohttp.ClientSession("http://gateway", connector=connector) as session:
        yield session


@pytest.fixture
def ask(http):
    """`await ask("GET", "/v1/…", **of_aiohttp)` → (status, headers, JSON)."""

    async def send(method, path, *, terminal="ATM00017", headers=None, **other):
        named = {} if terminal is None else {"Tolem-Terminal": terminal}
        async with http.request(method, path, headers={**named, **(headers or {})}, **other) as response:
            content = await response.read()
            return response.status, response.headers, json.loads(content) if content else None

    return send


def keyed(key="k") -> dict[str, str]:
    return {"Idempotency-Key": key}


def is_problem(answer, code: str) -> None:
    status, headers, document = answer
    kind = KINDS[code]
    assert (status, document["code"], document["status"]) == (kind.status, code, kind.status)
    assert headers["Content-Type"] == "application/problem+json"
    assert document["type"] == f"urn:tolem:problem:{code}"
    assert document["retryable"] is kind.retryable
    assert document["title"]
    assert document["detail"]


async def test_a_post_needs_an_idempotency_key(ask) -> None:
    is_problem(await ask("POST", "/v1/checks", json=CHECK), "idempotency_key_missing")
    is_problem(await ask("POST", "/v1/checks", json=CHECK, headers=keyed(" ")), "idempotency_key_missing")


async def test_a_reused_key_with_other_content_is_refused_and_alarmed(ask, gateway) -> None:
    _, _, first = await ask("POST", "/v1/checks", json=CHECK, headers=keyed())
    other = {**CHECK, "amount": {"amount_minor": 150_100}}
    is_problem(await ask("POST", "/v1/checks", json=other, headers=keyed()), "idempotency_conflict")
    _, _, again = await ask("POST", "/v1/checks", json=CHECK, headers=keyed())
    assert again == first
    (alarm,) = [item async for item in control_call(gateway.places.control, "alarms.list")]
    assert alarm["name"] == "idempotency_conflict"


async def test_a_stored_answer_is_given_byte_for_byte(http) -> None:
    headers = {"Tolem-Terminal": "ATM00017", **keyed()}
    bodies = []
    for spelling in (json.dumps(CHECK), json.dumps(CHECK, indent=2)):
        typed = {**headers, "Content-Type": "application/json"}
        async with http.post("/v1/checks", data=spelling, headers=typed) as response:
            bodies.append(await response.read())
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("terminal", [None, "", "ATM-00017", "123456789"])
async def test_who_does_not_say_which_terminal_it_is_gets_nothing(ask, terminal) -> None:
    answer = await ask("POST", "/v1/checks", json=CHECK, headers=keyed(), terminal=terminal)
    is_problem(answer, "terminal_unidentified")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        json.dumps(CHECK).replace("{", '{"product": "kokjiek-mobile", ', 1).encode(),
        json.dumps({**CHECK, "extra": 1}).encode(),
        json.dumps({**CHECK, "amount": {"amount_minor": 1.0}}).encode(),
        json.dumps({**CHECK, "amount": {"amount_minor": True}}).encode(),
        json.dumps({**CHECK, "amount": {"amount_minor": float("nan")}}).encode(),
        json.dumps({**CHECK, "amount": {"amount_minor": 1, "currency": "USD"}}).encode(),
        json.dumps({**CHECK, "requisites": []}).encode(),
        json.dumps({**CHECK, "requisites": CHECK["requisites"] * 9}).encode(),
        json.dumps({**CHECK, "requisites": [{"code": "account", "value": "a;b"}]}).encode(),
        json.dumps(CHECK, ensure_ascii=False).replace("7071234567", "Алматы").encode("cp1251"),
        b"[" * 60_000,
        b'{"product": "\\ud800"}',
    ],
)
async def test_a_body_that_does_not_fit_the_contract_is_refused(ask, body) -> None:
    headers = {**keyed(), "Content-Type": "application/json"}
    is_problem(await ask("POST", "/v1/checks", data=body, headers=headers), "malformed_request")


async def test_a_refusal_says_where_and_never_what(ask, customer) -> None:
    offer = await customer.offer()
    request = customer.request(offer).model_dump(mode="json")
    request["card"]["pan"] = "4012345678909x"
    status, _, document = await ask("PUT", f"/v1/payments/{customer.new_id()}", json=request)
    assert status == 400
    assert [error["path"] for error in document["errors"]] == ["card.pan"]
    assert "4012345678909" not in json.dumps(document)


async def test_a_body_must_be_json_by_its_name(ask) -> None:
    headers = {**keyed(), "Content-Type": "text/plain"}
    answer = await ask("POST", "/v1/checks", data=json.dumps(CHECK), headers=headers)
    is_problem(answer, "unsupported_media_type")


async def test_a_body_beyond_the_limit_is_not_read(ask) -> None:
    headers = {**keyed(), "Content-Type": "application/json"}
    answer = await ask("POST", "/v1/checks", data=b" " * 300_000, headers=headers)
    is_problem(answer, "body_too_large")


async def test_a_call_without_a_body_refuses_one(ask, customer) -> None:
    path = f"/v1/payments/{customer.new_id()}/resolve"
    is_problem(await ask("POST", path, json={"a": 1}, headers=keyed()), "malformed_request")
    assert (await ask("POST", path, json={}, headers=keyed()))[0] == 200


@pytest.mark.parametrize(
    "payment_id", ["1", "01935B2E-0000-7000-8000-000000000001", "01935b2e-0000-4000-8000-000000000001"]
)
async def test_a_payment_id_is_a_uuid_of_version_7_in_lower_case(ask, payment_id) -> None:
    is_problem(await ask("GET", f"/v1/payments/{payment_id}"), "malformed_request")


async def test_unknown_paths_and_methods_are_problems_too(ask) -> None:
    is_problem(await ask("GET", "/v1/nothing"), "not_found")
    answer = await ask("DELETE", "/v1/checks")
    is_problem(answer, "method_not_allowed")
    assert answer[1]["Allow"] == "POST"
    is_problem(await ask("GET", "/metrics"), "not_found")


async def test_the_catalogue_is_tagged_by_its_content(ask) -> None:
    status, headers, catalogue = await ask("GET", "/v1/catalogue", terminal=None)
    assert status == 200
    assert re.fullmatch(r'"[0-9a-f]{32}"', headers["ETag"])
    assert (catalogue["number"], catalogue["switched_off"]) == (None, [])
    assert {product["id"] for product in catalogue["products"]} >= {"kokjiek-mobile", "samal-tv"}
    status, headers, nothing = await ask("GET", "/v1/catalogue", headers={"If-None-Match": headers["ETag"]})
    assert (status, nothing) == (304, None)


async def test_the_contract_is_served_as_it_ships(ask) -> None:
    _, _, served = await ask("GET", "/openapi.json", terminal=None)
    assert set(served["paths"]) == {call.path for call in CALLS}


async def test_readiness_names_its_reasons(ask, funds) -> None:
    _, _, ready = await ask("GET", "/v1/readiness", terminal=None)
    assert (ready["ready"], ready["reasons"]) == (True, [])
    funds.is_reachable = False
    _, _, ready = await ask("GET", "/v1/readiness", terminal=None)
    assert (ready["ready"], ready["reasons"]) == (False, ["card_host_unreachable"])


async def test_events_are_kept_by_number_once(ask, gateway) -> None:
    def event(number: int, name: str = "printer.paper_low") -> dict:
        return {"number": number, "at": "2026-11-22T14:05:09+05:00", "name": name, "data": {"lines": number}}

    batch = {"events": [event(1), event(2)]}
    status, _, taken = await ask("POST", "/v1/events", json=batch, headers=keyed("a"))
    assert (status, taken) == (200, {"taken_up_to": 2})
    _, _, taken = await ask("POST", "/v1/events", json={"events": [event(2), event(3)]}, headers=keyed("b"))
    assert taken == {"taken_up_to": 3}
    _, _, taken = await ask("POST", "/v1/events", json={"events": [event(3, "other")]}, headers=keyed("c"))
    assert taken == {"taken_up_to": 3}
    (alarm,) = [item async for item in control_call(gateway.places.control, "alarms.list")]
    assert (alarm["name"], alarm["subject"], alarm["detail"]) == ("event_conflict", "ATM00017", "number 3")


async def test_a_preference_is_honoured_up_to_a_minute_and_told(ask, customer) -> None:
    await customer.pay()
    path = f"/v1/payments/{customer.last_id}"
    _, headers, _ = await ask("GET", path, headers={"Prefer": "respond-async, wait=500"})
    assert headers["Preference-Applied"] == "wait=60"
    for ignored in ("wait=", "wait=-1", "waiting=5", "wait"):
        _, headers, _ = await ask("GET", path, headers={"Prefer": ignored})
        assert "Preference-Applied" not in headers


async def test_202_is_in_progress_and_200_is_an_outcome(ask, customer, funds, moved) -> None:
    funds.may_answer.clear()
    request = customer.request(await customer.offer()).model_dump(mode="json")
    path = f"/v1/payments/{customer.new_id()}"
    status, _, view = await ask("PUT", path, json=request)
    assert (status, view["state"], view["told"]) == (202, "HOLDING", "wait")
    funds.may_answer.set()
    await moved.until("CAPTURED")
    status, _, view = await ask("PUT", path, json=request)
    assert (status, view["state"], view["told"]) == (200, "PAID", "paid")


async def test_too_many_payments_at_once_are_refused_with_a_time_to_come_back(
    open_gateway, terminal_of, customer_of, funds
) -> None:
    async with open_gateway(limits=LimitsSection(payments_in_flight=1)) as gateway:
        customer = customer_of(terminal_of(gateway))
        funds.may_answer.clear()
        await customer.pay(wait_seconds=0)
        request = customer.request(await customer.offer()).model_dump(mode="json")
        connector = aiohttp.UnixConnector(str(gateway.places.socket))
        async with (
            aiohttp.ClientSession("http://gateway", connector=connector) as session,
            session.put(
                f"/v1/payments/{customer.new_id()}", json=request, headers={"Tolem-Terminal": "ATM00017"}
            ) as response,
        ):
            is_problem(
                (response.status, response.headers, await response.json(content_type=None)), "overloaded"
            )
            assert response.headers["Retry-After"] == "5"
        funds.may_answer.set()


async def test_the_monitor_answers_on_its_own_port(
    open_gateway, sections, funds, terminal_of, customer_of
) -> None:
    section = replace_section(sections.gateway, monitor="127.0.0.1:0")
    async with open_gateway(gateway=section) as gateway:
        await customer_of(terminal_of(gateway)).pay()
        host, port = gateway.places.monitor
        async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
            async with session.get("/livez") as response:
                assert (response.status, await response.text()) == (200, "alive\n")
            async with session.get("/readyz") as response:
                assert response.status == 200
            async with session.get("/metrics") as response:
                text = await response.text()
            funds.is_reachable = False
            async with session.get("/readyz") as response:
                assert response.status == 503
            async with session.get("/v1/catalogue") as response:
                assert response.status == 404
    assert 'tolem_payment_moves_total{state="PAID"} 1' in text
    assert "tolem_gateway_ready 1" in text
    assert "tolem_catalogue_number{" in text
    assert 'tolem_spool_entries{destination="card_host",state="to_person"} 0' in text
    assert 'tolem_spool_breaker_closed{destination="eport"} 1' in text


def test_every_call_has_a_name_of_its_own() -> None:
    heard = (*TERMINAL_CALLS, *ENROLMENT_CALLS, *MONITOR_CALLS)
    assert len({call.name for call in CALLS}) == len(CALLS) == len(heard)


def replace_section(section: GatewaySection, **changes) -> GatewaySection:
    return GatewaySection.model_validate({**section.model_dump(), **changes})
