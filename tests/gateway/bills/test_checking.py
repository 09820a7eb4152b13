import asyncio

import pytest

from gateway.client import Refusal
from gateway.contract import CheckRefused, CheckRequest, Money, Offer, Requisite
from gateway.eport.operations import Operation
from gateway.money import Amount
from gateway.outcomes import EportOutcome, Verdict
from spool import control_call


async def problem_of(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value.problem


def request(product="kokjiek-mobile", amount=150_000, **requisites: str) -> CheckRequest:
    requisites = requisites or {"account": "7071234567"}
    return CheckRequest(
        product=product,
        requisites=[Requisite(code=code, value=value) for code, value in requisites.items()],
        amount=None if amount is None else Money(amount_minor=amount),
    )


async def test_an_accepted_check_is_an_offer_with_fee_and_total(terminal, eport, check_request) -> None:
    offer = await terminal.check(check_request, key="k")
    assert isinstance(offer, Offer)
    assert (offer.amount, offer.fee, offer.total) == tuple(
        Money(amount_minor=minor) for minor in (150_000, 2_250, 152_250)
    )
    assert [field.value for field in offer.fields] == ["И*** П."]
    ((_, message, check_id, _, _),) = eport.sent
    assert check_id == offer.check_id
    assert b'<requisite code="account">7071234567</requisite>' in message
    assert b"<sum>1500.00</sum><currency>KZT</currency>" in message


async def test_an_open_sum_is_not_sent_and_its_fee_is_left_to_the_rule(terminal, eport) -> None:
    offer = await terminal.check(request(amount=None), key="k")
    assert (offer.amount, offer.fee, offer.fee_rule.percent_hundredths) == (None, None, 150)
    assert b"<sum>" not in eport.of(Operation.ACCOUNT)[0]


async def test_a_fixed_price_need_not_be_said_and_no_other_may_be(terminal, eport) -> None:
    subscription = {"product": "samal-tv", "account": "9001441", "package": "family"}
    offer = await terminal.check(request(amount=None, **subscription), key="k")
    assert (offer.amount.amount_minor, offer.fee.amount_minor) == (299_000, 10_000)
    assert b"<sum>2990.00</sum>" in eport.of(Operation.ACCOUNT)[0]
    found = await problem_of(terminal.check(request(amount=298_999, **subscription), key="k2"))
    assert found.code == "amount_invalid"


async def test_e_ports_limits_narrow_the_offer(terminal, eport) -> None:
    eport.outcomes[Operation.ACCOUNT] = EportOutcome(
        Verdict.ACCEPTED, 0, debt=Amount(70_000), min_sum=Amount(50_000), max_sum=Amount(10**9)
    )
    offer = await terminal.check(request(amount=None), key="k")
    assert (offer.minimum.amount_minor, offer.maximum.amount_minor) == (50_000, 5_000_000)
    assert offer.debt == Money(amount_minor=70_000)
    refused = await terminal.check(request(amount=40_000), key="k2")
    assert refused == CheckRefused(reason="sum_outside_limits")


async def test_a_refused_check_says_why(terminal, eport) -> None:
    eport.outcomes[Operation.ACCOUNT] = EportOutcome(Verdict.REFUSED, 5, comment="Абонент не найден")
    refused = await terminal.check(request(), key="k")
    assert refused == CheckRefused(reason="eport.5", comment="Абонент не найден")


@pytest.mark.parametrize("verdict", [Verdict.UNANSWERED, Verdict.PENDING])
async def test_a_check_without_an_answer_fails_closed_and_a_new_key_asks_anew(
    terminal, eport, verdict
) -> None:
    accepted = eport.outcomes[Operation.ACCOUNT]
    eport.outcomes[Operation.ACCOUNT] = EportOutcome(verdict)
    first = await problem_of(terminal.check(request(), key="k"))
    assert (first.code, first.status, first.retryable) == ("check_unanswered", 503, True)
    eport.outcomes[Operation.ACCOUNT] = accepted
    assert await problem_of(terminal.check(request(), key="k")) == first
    assert isinstance(await terminal.check(request(), key="k2"), Offer)
    asked, again = (txn_id for _, _, txn_id, _, _ in eport.sent)
    assert asked != again


async def test_a_conflict_of_ids_fails_closed_and_alarms(gateway, terminal, eport) -> None:
    eport.outcomes[Operation.ACCOUNT] = EportOutcome(Verdict.CONFLICT, 215, alarm="eport_id_conflict")
    assert (await problem_of(terminal.check(request(), key="k"))).code == "check_unanswered"
    (alarm,) = [alarm async for alarm in control_call(gateway.places.control, "alarms.list")]
    assert (alarm["name"], alarm["subject"]) == ("eport_id_conflict", eport.sent[0][2])


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        (request(account="7051234567"), [("requisites.account", "prefix")]),
        (request(account="707123456"), [("requisites.account", "length")]),
        (request(name="x"), [("requisites.account", "missing"), ("requisites.name", "not_asked_for")]),
    ],
)
async def test_requisites_that_break_their_rules_never_leave(terminal, eport, asked, errors) -> None:
    found = await problem_of(terminal.check(asked, key="k"))
    assert (found.code, found.status) == ("requisites_invalid", 422)
    assert [(error["path"], error["message"]) for error in found.model_extra["errors"]] == errors
    assert eport.sent == []


async def test_a_requisite_that_is_given_twice_is_refused(terminal, eport) -> None:
    twice = [Requisite(code="account", value="7071234567")] * 2
    found = await problem_of(
        terminal.check(CheckRequest(product="kokjiek-mobile", requisites=twice), key="k")
    )
    assert found.model_extra["errors"] == [{"path": "requisites.account", "message": "repeated"}]


@pytest.mark.parametrize("amount", [0, 19_999, 5_000_001])
async def test_a_sum_outside_the_products_limits_never_leaves(terminal, eport, amount) -> None:
    assert (await problem_of(terminal.check(request(amount=amount), key="k"))).code == "amount_invalid"
    assert eport.sent == []


async def test_an_unknown_product_is_refused(terminal) -> None:
    assert (await problem_of(terminal.check(request("no-such"), key="k"))).code == "product_unknown"


async def test_a_key_is_asked_once_even_by_two_at_a_time(terminal, eport) -> None:
    eport.may_answer.clear()
    asked = [asyncio.create_task(terminal.check(request(), key="k")) for _ in range(2)]
    await eport.asked.wait()
    eport.may_answer.set()
    first, second = await asyncio.gather(*asked)
    assert first == second
    assert len(eport.sent) == 1


async def test_a_dead_e_port_costs_no_more_than_a_few_checks(terminal, eport) -> None:
    eport.outcomes[Operation.ACCOUNT] = EportOutcome(Verdict.UNANSWERED)
    codes = [(await problem_of(terminal.check(request(), key=f"k{n}"))).code for n in range(8)]
    assert codes[0] == "check_unanswered"
    assert codes[-1] == "eport_unavailable"
    assert len(eport.sent) < 8
    assert "eport_breaker_open" in (await terminal.readiness()).reasons


@pytest.mark.parametrize("result", [1, 90])
async def test_an_e_port_that_answers_later_please_is_there_and_is_asked_again(
    terminal, eport, result
) -> None:
    eport.outcomes[Operation.ACCOUNT] = EportOutcome(Verdict.UNANSWERED, result)
    codes = {(await problem_of(terminal.check(request(), key=f"k{n}"))).code for n in range(8)}
    assert codes == {"check_unanswered"}
    assert len(eport.sent) == 8
    assert "eport_breaker_open" not in (await terminal.readiness()).reasons
