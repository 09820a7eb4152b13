from datetime import timedelta

import pytest

from gateway.bills.payment_states import State
from gateway.eport.operations import Operation
from gateway.outcomes import AdviceOutcome, EportOutcome, HoldOutcome, Verdict
from gateway.sandbox.books import GatewayRow
from gateway.settings import TimersSection
from spool import ControlError, control_call

SILENCE = EportOutcome(Verdict.UNANSWERED, detail="no answer in time")


@pytest.fixture
def order(gateway):
    """`await order("payments.show", id=…)` → the items that the gateway answers."""

    async def call(command, **arguments) -> list[dict]:
        return [item async for item in control_call(gateway.places.control, command, arguments)]

    return call


async def refused(awaitable) -> str:
    with pytest.raises(ControlError) as caught:
        await awaitable
    return caught.value.code


@pytest.mark.parametrize("name", ["payment_id", "txn_id", "rrn", "eport_id", "check_id"])
async def test_a_payment_is_found_by_any_of_its_identifiers(order, customer, name) -> None:
    view = await customer.pay()
    (story,) = await order("payments.show", id=getattr(view, name))
    assert story["payment_id"] == view.payment_id


async def test_a_payment_is_found_by_its_terminal_with_a_stan_or_a_time(order, customer) -> None:
    view = await customer.pay()
    (story,) = await order("payments.show", id=view.payment_id)
    at = view.accepted_at
    found = {
        "stan": {"stan": story["stan"]},
        "advice": {"stan": story["advice_stan"]},
        "time": {"from": at.isoformat(), "to": (at + timedelta(seconds=1)).isoformat()},
    }
    for name, wanted in found.items():
        (again,) = await order("payments.show", terminal=view.terminal, **wanted)
        assert again["payment_id"] == view.payment_id, name
        assert await refused(order("payments.show", terminal="ATM99999", **wanted)) == "no_such_payment"
    later = (at + timedelta(hours=1)).isoformat()
    wanted = {"terminal": view.terminal, "from": later, "to": later}
    assert await refused(order("payments.show", **wanted)) == "no_such_payment"


@pytest.mark.parametrize("wanted", [{"from": "noon", "to": "noon"}, {"from": "2026-11-22T14:05"}, {}])
async def test_a_terminal_alone_or_with_a_time_that_is_none_names_no_payment(order, wanted) -> None:
    assert await refused(order("payments.show", terminal="ATM00017", **wanted)) == "bad_argument"


@pytest.mark.parametrize("account", ["7071234567", "+7 (707) 123-45-67", "8 707 123 45 67"])
async def test_a_payment_is_found_by_whose_account_it_was(order, customer, account) -> None:
    view = await customer.pay()
    (story,) = await order("payments.show", id=account)
    assert story["payment_id"] == view.payment_id
    await customer.pay()
    assert await refused(order("payments.show", id=account)) == "several_payments"


async def test_a_time_that_names_two_payments_names_both_and_asks_which(order, customer) -> None:
    first, second = await customer.pay(), await customer.pay()
    begin, end = first.accepted_at.isoformat(), (second.accepted_at + timedelta(seconds=1)).isoformat()
    with pytest.raises(ControlError) as caught:
        await order("payments.show", terminal=first.terminal, **{"from": begin, "to": end})
    assert caught.value.code == "several_payments"
    assert str(caught.value) == f"it names {first.payment_id}, {second.payment_id}: which one?"


async def test_the_whole_story_of_a_payment(order, customer, moved) -> None:
    await customer.pay()
    await moved.until("CAPTURED")
    (story,) = await order("payments.show", id=customer.last_id)
    assert [line["event"] for line in story["history"]] == [
        "PUT",
        "HOLD_APPROVED",
        "PAYMENT_ACCEPTED",
        "CAPTURED",
    ]
    assert {entry["kind"]: entry["state"] for entry in story["entries"]} == {
        "eport.payment": "delivered",
        "payment.expiry": "closed",
        "card.capture": "delivered",
    }
    assert story["requisites"] == [["account", "7071234567"]]
    assert (story["sum"], story["fee"], story["total"]) == ("1500.00", "22.50", "1522.50")


async def test_the_story_names_the_refused_capture_and_its_alarm(order, customer, funds, moved) -> None:
    funds.advice_outcome = AdviceOutcome(Verdict.REFUSED, "12")
    await customer.pay()
    await moved.until("CAPTURE_REFUSED")
    (story,) = await order("payments.show", id=customer.last_id)
    (capture,) = [entry for entry in story["entries"] if entry["kind"] == "card.capture"]
    assert (capture["state"], capture["note"]) == ("to_person", "response code 12")
    (alarm,) = story["alarms"]
    assert (alarm["name"], alarm["detail"]) == (
        "payment_capture_refused",
        "CAPTURE_REFUSED in PAID: response code 12",
    )
    (listed,) = await order("list", state="to_person")
    assert listed["key"] == f"card.capture/{story['txn_id']}/{customer.last_id}"


async def test_a_person_who_retries_a_refused_capture_sends_the_same_bytes(
    order, customer, funds, moved
) -> None:
    funds.advice_outcome = AdviceOutcome(Verdict.REFUSED, "12")
    await customer.pay()
    await moved.until("CAPTURE_REFUSED")
    funds.advice_outcome = AdviceOutcome(Verdict.ACCEPTED, "00")
    (waiting,) = await order("list", state="to_person")
    await order("retry", entry=waiting["id"], person="Aigul", reason="the host was mended")
    await moved.until("CAPTURED")
    (first, _), (second, repeat) = funds.advised
    assert (first, repeat) == (second, True)


async def test_payments_are_listed_with_the_newest_first(order, customer, funds) -> None:
    await customer.pay()
    funds.hold_outcome = HoldOutcome(Verdict.REFUSED, "51")
    refused_payment = await customer.pay()
    listed = await order("payments.list")
    assert [item["state"] for item in listed] == ["REFUSED", "PAID"]
    assert [item["payment_id"] for item in await order("payments.list", limit=1)] == [
        refused_payment.payment_id
    ]
    assert [item["reason"] for item in await order("payments.list", state="REFUSED")] == ["card.51"]
    assert await refused(order("payments.list", state="GONE")) == "bad_argument"
    assert await refused(order("payments.list", limit=0)) == "bad_argument"


async def test_an_unknown_payment_is_said_to_be_so(order) -> None:
    assert await refused(order("payments.show", id="nothing")) == "no_such_payment"
    assert await refused(order("payments.show")) == "bad_argument"


async def test_a_pending_payment_is_cancelled_by_order_only_and_then_released(
    order, customer, eport, funds, moved
) -> None:
    eport.outcomes[Operation.PAYMENT] = SILENCE
    assert (await customer.pay()).state == "PENDING"
    (item,) = await order("payments.cancel", id=customer.last_id, by="Aigul", reason="the customer asked")
    assert item["state"] == "PENDING"
    await moved.until(State.RELEASED)
    (story,) = await order("payments.show", id=customer.last_id)
    assert story["reason"] == "cancelled_by_order"
    assert "by Aigul: the customer asked" in [line["note"] for line in story["history"]]
    assert "Aigul" not in str((await customer.look()).history)
    assert [message[:4] for message, _ in funds.advised] == [b"0420"]
    assert len(eport.of(Operation.CANCEL)) == 1


async def test_a_cancel_that_e_port_refuses_leaves_the_payment_and_tells_a_person(
    order, customer, eport, funds, moved
) -> None:
    eport.outcomes[Operation.PAYMENT] = SILENCE
    eport.outcomes[Operation.CANCEL] = EportOutcome(Verdict.CANCEL_REFUSED, 251)
    await customer.pay()
    await order("payments.cancel", id=customer.last_id, by="Aigul", reason="the customer asked")
    await moved.until("CANCEL_REFUSED")
    (story,) = await order("payments.show", id=customer.last_id)
    assert story["state"] == "PENDING"
    assert [alarm["name"] for alarm in story["alarms"]] == ["payment_cancel_refused"]
    assert funds.advised == []
    again = order("payments.cancel", id=customer.last_id, by="Aigul", reason="again")
    assert await refused(again) == "not_cancellable"


async def test_a_status_after_our_cancel_knows_that_it_was_ordered(
    open_gateway, terminal_of, customer_of, eport, moved
) -> None:
    eport.outcomes[Operation.PAYMENT] = eport.outcomes[Operation.CANCEL] = SILENCE
    soon = TimersSection(shutdown_seconds=0.1, status_first_seconds=0.2, status_seconds=0.2)
    async with open_gateway(timers=soon) as gateway:
        customer = customer_of(terminal_of(gateway))
        await customer.pay()
        order = {"id": customer.last_id, "by": "Aigul", "reason": "the customer asked"}
        eport.outcomes[Operation.STATUS] = EportOutcome(Verdict.CANCELLED, 7)
        _ = [item async for item in control_call(gateway.places.control, "payments.cancel", order)]
        await moved.until(State.RELEASED)
    ordered = [ordered for operation, *_, ordered in eport.sent if operation is Operation.STATUS]
    assert ordered[-1]


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.CONFLICT])
async def test_what_is_decided_or_conflicting_cannot_be_cancelled(order, customer, eport, verdict) -> None:
    eport.outcomes[Operation.PAYMENT] = EportOutcome(verdict, 0)
    await customer.pay()
    code = await refused(order("payments.cancel", id=customer.last_id, by="Aigul", reason="no"))
    assert code == "not_cancellable"
    assert eport.of(Operation.CANCEL) == []


async def test_a_cancel_has_a_person_and_a_reason(order, customer) -> None:
    await customer.pay()
    for arguments in ({"by": "Aigul"}, {"reason": "no"}, {"by": " ", "reason": "no"}):
        code = await refused(order("payments.cancel", id=customer.last_id, **arguments))
        assert code == "bad_argument"


async def test_alarms_are_listed_and_closed_by_a_person(order, customer, eport) -> None:
    eport.outcomes[Operation.PAYMENT] = EportOutcome(Verdict.CONFLICT, 215)
    await customer.pay()
    (alarm,) = await order("alarms.list")
    assert (alarm["name"], alarm["subject"]) == ("payment_id_conflict", customer.last_id)
    await order("alarms.close", alarm=alarm["alarm"], by="Aigul", remark="called e-port")
    assert await order("alarms.list") == []
    (closed,) = await order("alarms.list", about=customer.last_id)
    assert (closed["closed_by"], closed["remark"]) == ("Aigul", "called e-port")
    again = order("alarms.close", alarm=alarm["alarm"], by="Aigul", remark="again")
    assert await refused(again) == "no_such_alarm"


async def test_the_book_has_a_line_for_each_payment(order, customer, funds) -> None:
    paid = await customer.pay()
    funds.hold_outcome = HoldOutcome(Verdict.REFUSED, "51")
    await customer.pay()
    first, second = (GatewayRow(**row) for row in await order("books"))
    assert (first.payment_id, first.state, first.total) == (paid.payment_id, "PAID", 152_250)
    assert second.state == "REFUSED"
