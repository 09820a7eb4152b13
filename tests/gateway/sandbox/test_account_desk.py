"""Account status, beneficiary check and credit at the card host: what a transfer asks it (PROTOCOLS §5)."""

from typing import Any

import aiohttp
import pytest

from gateway.sandbox.account_desk import iban_holds, iban_of
from gateway.sandbox.transfer_books import CreditRow

IBAN = "KZ86125KZT5004100100"
NO_CARD = {f"f{number}": None for number in (35, 52, 55, 62)}
CREDIT = CreditRow("632600001234", "ATM00017", 154500)


@pytest.fixture
def status(messages: Any) -> dict[str, str]:
    return messages.hold(f3="310000")


@pytest.fixture
def beneficiary(messages: Any) -> Any:
    return lambda iban=IBAN: messages.hold(f3="330000", f103=iban, **NO_CARD)


@pytest.fixture
def credit(messages: Any) -> Any:
    return lambda **fields: messages.capture(f3="210000", **{"f103": IBAN, "f38": None, **fields})


@pytest.fixture
def stand(sandbox: Any) -> Any:
    async def stand(account: str, standing: str) -> int:
        async with (
            aiohttp.ClientSession(sandbox.admin_url) as session,
            session.put(f"/standings/{account}", json={"standing": standing}) as answer,
        ):
            return answer.status

    return stand


async def test_a_card_has_an_account_with_a_holder(card_line: Any, status: Any) -> None:
    answer = await card_line.ask(status)
    standing, iban, iin, name = answer["48"].split(";")
    assert (answer["39"], standing, name) == ("00", "ACTIVE", "SANDBOX CUSTOMER")
    assert iban_holds(iban)
    assert len(iin) == 12


async def test_a_question_holds_nothing_and_may_be_asked_again(
    card_line: Any, status: Any, sandbox: Any
) -> None:
    assert [await card_line.code(status), await card_line.code(status)] == ["00", "00"]
    assert sandbox.card_rows() == []


@pytest.mark.parametrize("standing", ["BLOCKED", "ARRESTED"])
async def test_what_stands_against_an_account_is_told_and_its_hold_is_declined(
    *, card_line: Any, status: Any, messages: Any, stand: Any, sandbox: Any, standing: str
) -> None:
    await card_line.ask(status)
    async with (
        aiohttp.ClientSession(sandbox.admin_url) as session,
        session.get("/accounts") as told,
    ):
        (account,) = (await told.json())["card-host"]
    assert await stand(account["token"], standing) == 200
    answer = await card_line.ask(status)
    assert (answer["39"], answer["48"].split(";")[0]) == ("00", standing)
    assert await card_line.code(messages.hold()) == "62"


async def test_a_beneficiary_is_told_by_its_iban(card_line: Any, beneficiary: Any) -> None:
    answer = await card_line.ask(beneficiary())
    assert (answer["39"], answer["103"]) == ("00", IBAN)
    assert answer["48"].startswith(f"ACTIVE;{IBAN};")


@pytest.mark.parametrize(
    ("iban", "code"),
    [
        pytest.param("KZ87125KZT5004100100", "14", id="check digits"),
        pytest.param(iban_of("125KZT0000900057"), "57", id="demanded"),
        pytest.param("RU86125KZT5004100100", "30", id="no IBAN of the country"),
    ],
)
async def test_an_iban_that_cannot_be_credited_is_answered_so(
    card_line: Any, beneficiary: Any, iban: str, code: str
) -> None:
    assert await card_line.code(beneficiary(iban)) == code


async def test_a_blocked_iban_is_neither_confirmed_nor_credited(
    *, card_line: Any, beneficiary: Any, credit: Any, stand: Any, sandbox: Any
) -> None:
    await stand(IBAN, "BLOCKED")
    assert [await card_line.code(beneficiary()), await card_line.code(credit())] == ["62", "62"]
    assert sandbox.credit_rows() == []


async def test_a_credit_happens_once_however_often_it_is_told(
    card_line: Any, credit: Any, sandbox: Any
) -> None:
    first, second = await card_line.ask(credit()), await card_line.ask(credit())
    assert (first["t"], first["39"]) == ("0230", "00")
    assert first == second
    assert sandbox.credit_rows() == [CREDIT]


async def test_another_credit_under_the_same_rrn_is_a_broken_rule(
    card_line: Any, credit: Any, sandbox: Any
) -> None:
    await card_line.ask(credit())
    assert await card_line.code(credit(f4="000000154501")) == "94"
    (row,) = sandbox.credit_rows()
    assert (row.amount, row.violations) == (154500, ("credit_changed",))
    assert sandbox.card_rows() == []


@pytest.mark.parametrize(
    ("mti", "code"), [("0100", "210000"), ("0220", "310000"), ("0220", "330000"), ("0420", "210000")]
)
async def test_a_processing_code_belongs_to_its_message(
    card_line: Any, messages: Any, mti: str, code: str
) -> None:
    built = {"0100": messages.hold, "0220": messages.capture, "0420": messages.reversal}[mti]
    assert await card_line.code(built(f3=code)) == "30"
