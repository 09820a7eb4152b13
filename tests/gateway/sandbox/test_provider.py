"""What e-port answers, and what its ledger has then: PROTOCOLS §2.1 (repeats) and §2.3 (results)."""

import re
from typing import Any

import pytest

from gateway.sandbox.subscribers import SPECIAL, behaviour_of, subscriber_of

ACCEPTED = ("0", "true")


async def _check_and_pay(eport_client: Any, bodies: Any, **payment: str) -> Any:
    account = {name: value for name, value in payment.items() if name == "account"}
    await eport_client.post("bank_account", bodies.check(**account))
    return await eport_client.post("bank_payment", bodies.payment(**payment))


async def test_the_same_bytes_get_the_stored_answer_byte_for_byte(
    eport_client: Any, bodies: Any, clock: Any, sandbox: Any
) -> None:
    first = await _check_and_pay(eport_client, bodies)
    clock.advance(days=3)  # however old its check is
    assert await eport_client.post("bank_payment", bodies.payment()) == first
    assert len(sandbox.eport_rows()) == 1


async def test_a_check_repeats_too(eport_client: Any, bodies: Any, clock: Any) -> None:
    first = await eport_client.post("bank_account", bodies.check())
    clock.advance(hours=5)
    assert await eport_client.post("bank_account", bodies.check()) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace("1500.00", "1500.01").replace("1545.00", "1545.01"),
        lambda body: body.replace("><", ">\n<"),  # white space: other bytes are another content
        lambda body: body.replace("632600001234", "632600001235"),
    ],
)
async def test_other_bytes_under_a_used_txn_id_are_215_and_change_nothing(
    change: Any, eport_client: Any, bodies: Any, sandbox: Any, log_line: Any
) -> None:
    first = await _check_and_pay(eport_client, bodies)
    before = sandbox.eport_rows()
    other = await eport_client.post("bank_payment", change(bodies.payment()))
    assert other.verdict == ("215", "true")
    assert log_line("eport")["place"] == "txn_id"
    assert sandbox.eport_rows() == before
    assert await eport_client.post("bank_payment", bodies.payment()) == first


async def test_a_check_and_a_payment_share_one_sequence(eport_client: Any, bodies: Any) -> None:
    await _check_and_pay(eport_client, bodies)
    paid_as_check = await eport_client.post("bank_account", bodies.check("26112200000001234567"))
    checked_as_paid = await eport_client.post("bank_payment", bodies.payment("26112200000001234566"))
    other_check = await eport_client.post("bank_account", bodies.check(sum_=None))
    assert [answer.verdict[0] for answer in (paid_as_check, checked_as_paid, other_check)] == ["215"] * 3


@pytest.mark.parametrize(
    ("change", "result", "place"),
    [
        ({"check_id": "26112200000009999999"}, "17", "check_id"),
        ({"product": "tele2-kz"}, "17", "product"),
        ({"account": "7017654321"}, "17", "requisites"),
        ({"sum_": "1400.00", "total": "1445.00"}, "18", "sum"),
    ],
)
async def test_a_payment_that_differs_from_its_check_is_refused(
    *,
    change: dict[str, str],
    result: str,
    place: str,
    eport_client: Any,
    bodies: Any,
    log_line: Any,
    sandbox: Any,
) -> None:
    await eport_client.post("bank_account", bodies.check())
    refused = await eport_client.post("bank_payment", bodies.payment(**change))
    assert refused.verdict == (result, "true")
    assert log_line("eport")["place"] == place
    assert [row.status for row in sandbox.eport_rows()] == ["REFUSED"]
    right = await eport_client.post("bank_payment", bodies.payment("26112200000001234568"))
    assert right.verdict == ACCEPTED  # the check has served nobody yet


async def test_a_check_without_a_sum_leaves_the_sum_free(eport_client: Any, bodies: Any) -> None:
    await eport_client.post("bank_account", bodies.check(sum_=None))
    paid = await eport_client.post("bank_payment", bodies.payment(sum_="700.00", total="745.00"))
    assert paid.verdict == ACCEPTED


async def test_a_refused_check_serves_nobody(eport_client: Any, bodies: Any) -> None:
    paid = await _check_and_pay(eport_client, bodies, account="7010900005")
    assert paid.verdict == ("17", "true")


async def test_one_check_serves_one_payment(eport_client: Any, bodies: Any, sandbox: Any) -> None:
    await _check_and_pay(eport_client, bodies)
    second = await eport_client.post("bank_payment", bodies.payment("26112200000001234568"))
    assert second.verdict == ("19", "true")
    assert [row.status for row in sandbox.eport_rows()] == ["ACCEPTED", "REFUSED"]


@pytest.mark.parametrize(("seconds", "verdict"), [(3600, ACCEPTED), (3601, ("38", "true"))])
async def test_a_check_serves_for_one_hour(
    seconds: int, verdict: Any, eport_client: Any, bodies: Any, clock: Any
) -> None:
    await eport_client.post("bank_account", bodies.check())
    clock.advance(seconds=seconds)
    assert (await eport_client.post("bank_payment", bodies.payment())).verdict == verdict


@pytest.mark.parametrize(
    ("sum_", "verdict"),
    [("0.99", "241"), ("1.00", "0"), ("1000000.00", "0"), ("1000000.01", "242")],
)
async def test_limits_hold_on_check_and_payment(
    sum_: str, verdict: str, eport_client: Any, bodies: Any
) -> None:
    checked = await eport_client.post("bank_account", bodies.check("26112200000000000001", sum_=sum_))
    await eport_client.post("bank_account", bodies.check(sum_=None))
    total = f"{(int(sum_.replace('.', '')) + 4500) / 100:.2f}"
    paid = await eport_client.post("bank_payment", bodies.payment(sum_=sum_, total=total))
    assert [checked.verdict[0], paid.verdict[0]] == [verdict, verdict]


async def test_a_status_tells_what_the_payment_was_told(eport_client: Any, bodies: Any) -> None:
    paid = await _check_and_pay(eport_client, bodies)
    status = await eport_client.post("bank_status", bodies.txn("bank_status"))
    assert status.body == paid.body.replace(b"bank_payment", b"bank_status")


async def test_an_unknown_payment_is_5_and_not_final(eport_client: Any, bodies: Any) -> None:
    await eport_client.post("bank_account", bodies.check())
    for txn_id in ("26112200000001234567", "26112200000001234566"):  # never seen; a check
        status = await eport_client.post("bank_status", bodies.txn("bank_status", txn_id))
        assert status.verdict == ("5", "false")


async def test_a_refused_payment_is_told_final(eport_client: Any, bodies: Any) -> None:
    paid = await _check_and_pay(eport_client, bodies, account="7010911079")
    status = await eport_client.post("bank_status", bodies.txn("bank_status"))
    assert paid.verdict == status.verdict == ("79", "true")


async def test_a_cancelled_payment_is_forbidden_ever_after(
    eport_client: Any, bodies: Any, sandbox: Any
) -> None:
    await _check_and_pay(eport_client, bodies)
    answers = [
        await eport_client.post("bank_cancel", bodies.txn("bank_cancel")),
        await eport_client.post("bank_cancel", bodies.txn("bank_cancel")),
        await eport_client.post("bank_status", bodies.txn("bank_status")),
        await eport_client.post("bank_payment", bodies.payment()),
    ]
    assert [answer.verdict for answer in answers] == [ACCEPTED, ACCEPTED, ("7", "true"), ("7", "true")]
    assert [row.status for row in sandbox.eport_rows()] == ["CANCELLED"]


@pytest.mark.parametrize(
    ("account", "result", "status"), [("7010911251", "251", "ACCEPTED"), ("7010911005", "251", "REFUSED")]
)
async def test_what_cannot_be_cancelled_stands(
    *, account: str, result: str, status: str, eport_client: Any, bodies: Any, sandbox: Any
) -> None:
    await _check_and_pay(eport_client, bodies, account=account)
    cancelled = await eport_client.post("bank_cancel", bodies.txn("bank_cancel"))
    assert cancelled.verdict == (result, "true")
    assert [row.status for row in sandbox.eport_rows()] == [status]


async def test_an_unknown_payment_is_not_cancelled(eport_client: Any, bodies: Any) -> None:
    assert (await eport_client.post("bank_cancel", bodies.txn("bank_cancel"))).verdict == ("5", "false")


CHECKS = {suffix: behaviour for suffix, behaviour in SPECIAL.items() if suffix.startswith("900")}
PAYMENTS = {suffix: behaviour for suffix, behaviour in SPECIAL.items() if not suffix.startswith("900")}


@pytest.mark.parametrize("suffix", CHECKS)
async def test_a_special_account_ends_its_check(suffix: str, eport_client: Any, bodies: Any) -> None:
    reply = CHECKS[suffix].check
    checked = await eport_client.post("bank_account", bodies.check(account="7010" + suffix))
    assert checked.verdict == (str(reply.result), str(reply.final).lower())
    assert checked.text("debt") is None


@pytest.mark.parametrize("suffix", [suffix for suffix in PAYMENTS if suffix != "911215"])
async def test_a_special_account_is_in_doubt_as_long_as_it_says(
    suffix: str, eport_client: Any, bodies: Any, sandbox: Any
) -> None:
    behaviour = PAYMENTS[suffix]
    answers = [await _check_and_pay(eport_client, bodies, account="7010" + suffix)]
    assert answers[0].text("eport_id") or behaviour.asks == 0
    asks = 5 if behaviour.asks is None else behaviour.asks
    for number in range(asks):  # a repeat and a status are the same asking
        ask = ("bank_payment", bodies.payment(account="7010" + suffix))
        answers.append(
            await eport_client.post(*(ask if number % 2 else ("bank_status", bodies.txn("bank_status"))))
        )
    end = behaviour.meanwhile if behaviour.asks is None else behaviour.end
    said = [*[behaviour.meanwhile] * asks, end]
    assert [answer.verdict for answer in answers] == [(str(it.result), str(it.final).lower()) for it in said]
    expected = {None: "PENDING"}.get(behaviour.asks, "ACCEPTED" if behaviour.end.result == 0 else "REFUSED")
    assert [row.status for row in sandbox.eport_rows()] == [expected]


async def test_a_payment_that_is_215_from_the_first_is_in_no_book(
    eport_client: Any, bodies: Any, sandbox: Any
) -> None:
    assert (await _check_and_pay(eport_client, bodies, account="7010911215")).verdict == ("215", "true")
    assert sandbox.eport_rows() == []


def test_every_result_of_the_text_has_a_special_account() -> None:
    results = {reply.result for it in SPECIAL.values() for reply in (it.check, it.meanwhile, it.end)}
    assert results | {251} == {0, 1, 4, 5, 7, 8, 17, 18, 19, 38, 79, 90, 215, 241, 242, 243, 251, 300, 999}


def test_any_other_account_has_a_name_and_sometimes_a_debt() -> None:
    accounts = [f"{number:010d}" for number in range(7_010_000_000, 7_010_000_200)]
    subscribers = [subscriber_of("beeline-kz", account) for account in accounts]
    assert all(behaviour_of(account).says == "accepted at once" for account in accounts)
    assert all(re.fullmatch(r"\w\*\*\* \w\.", subscriber.name) for subscriber in subscribers)
    assert 0 < sum(subscriber.debt == 0 for subscriber in subscribers) < 100
    assert subscribers == [subscriber_of("beeline-kz", account) for account in accounts]
