"""The whole payment at the screen, and every way in which it ends."""

from datetime import timedelta

import pytest

from agent import owner
from certs.throwaway import ThrowawayCa

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.processes]

PHONE = "7011234567"


@pytest.mark.parametrize(("language", "paid"), [("kk", "ТӨЛЕНДІ"), ("ru", "ОПЛАЧЕНО"), ("en", "PAID")])
async def test_a_bill_is_paid_from_the_first_press_to_the_receipt(person, language, paid):
    await person.come(language=language)
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.pays()
    await person.takes_card()
    await person.sees("paid")
    assert paid in (await person.says()).upper()
    assert await person.page.get_attribute("html", "lang") == language
    assert (await person.books()).agree


async def test_an_account_that_does_not_exist_takes_nothing(person):
    await person.come(language="en")
    await person.chooses("dala-mobile", "7015900005")
    await person.sees("refused")
    assert "eport.5" in await person.says()


async def test_a_card_without_money_takes_nothing(person):
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.pays("no_money")
    await person.takes_card()
    await person.sees("refused")
    assert "card.51" in await person.says()


async def test_a_refused_payment_is_being_unblocked(person):
    await person.trouble("silence", "reversal")
    await person.come(language="en")
    await person.chooses("dala-mobile", "7015911005")
    await person.agrees()
    await person.pays()
    await person.takes_card()
    await person.sees("being_unblocked")


async def test_a_provider_in_doubt_ends_in_processing_with_number_and_phone(person):
    await person.come(language="en")
    await person.chooses("dala-mobile", "7015933090")
    await person.agrees()
    await person.pays()
    await person.takes_card()
    await person.sees("in_processing")
    said = await person.says()
    assert "+7 700 000 00 00" in said.replace("\u00a0", " ")
    assert "not pay again" in said


async def test_a_silent_provider_is_no_refusal(person):
    await person.trouble("silence", "bank_payment", position="after")
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.pays()
    await person.takes_card()
    await person.sees("in_processing")


async def test_without_paper_it_asks_and_goes_on(person):
    await person.hand("printer", roll="out")
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.sees("no_paper")
    await person.press("without_receipt", "yes")
    await person.pays()
    await person.takes_card()
    await person.sees("paid")
    assert "receipt was not printed" in await person.says()


async def test_a_terminal_whose_reader_is_gone_is_out_of_service_and_comes_back(person):
    await person.come()
    await person.hand("reader", plugged=False)
    await person.sees("out_of_service")
    assert "reader.noDevice" in await person.says()
    await person.hand("reader", plugged=True)
    await person.sees("welcome")


async def test_staff_read_that_the_banks_certificate_is_over_and_it_serves_again_with_a_new_one(
    person, tmp_path
):
    pair = person.ground.stage.sandbox.client_cert, person.ground.stage.sandbox.client_key
    good = [path.read_bytes() for path in pair]
    over = ThrowawayCa(tmp_path, now=owner.now).issue("tolem-gateway", lasts=timedelta(days=-1))
    await person.come()
    try:
        for path, other in zip(pair, over, strict=True):
            path.write_bytes(other.read_bytes())
        await person.sees("out_of_service")
        assert "gateway.certificate_expired" in await person.says()
    finally:
        for path, was in zip(pair, good, strict=True):
            path.write_bytes(was)
    await person.sees("welcome")


async def test_a_card_that_is_pulled_takes_nothing(person):
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.sees("insert_card")
    await person.hand("insert", card="good")
    await person.sees("pin")
    await person.hand("pull")
    await person.sees("refused")


async def test_cancel_on_the_pad_gives_the_card_back(person):
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.sees("insert_card")
    await person.hand("insert", card="good")
    await person.sees("pin")
    await person.enters("12", then="cancel")
    await person.sees("take_card")
    await person.takes_card()
    await person.sees("cancelled")


async def test_a_card_of_two_applications_asks_which(person):
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.sees("insert_card")
    await person.hand("insert", card="two_applications")
    await person.sees("application")
    await person.press("application", "1")
    await person.sees("pin")
    await person.enters("1234")
    await person.sees("take_card")
    await person.takes_card()
    await person.sees("paid")
