"""What a customer lives through who comes back: with the number on the receipt, or with a guess."""

import logging
from dataclasses import replace

import aiohttp
import pytest

from agent.earlier_payments import EarlierPayments
from agent.guesses import Guesses
from agent.journal import latest
from agent.journeys.bill import Ending
from agent.popular import popular, recent
from agent.receipt import operation_number
from devices.emulators.printer import Roll
from devices.escpos.profile import PROFILES
from devices.escpos.reading import printed_text

WRONG = "no such digits"


@pytest.fixture
def earlier(terminal):
    return EarlierPayments(terminal.spool, terminal.assembly)


def said(terminal):
    job = terminal.devices.emulators.printer.jobs[-1]
    return "\n".join(printed_text(job, PROFILES["escpos"]))


async def notes(terminal):
    return [line.name for line in await terminal.spool.read(lambda tx: latest(tx, 20))]


@pytest.mark.parametrize(
    "number", [operation_number, lambda journey: journey.view.rrn], ids=["printed", "plain"]
)
async def test_it_is_found_by_what_the_receipt_says_and_the_card(terminal, pay, earlier, number):
    paid = await pay(terminal)
    found = await earlier.find(number(paid), paid.masked_pan.last4)
    assert (found.journey_id, found.outcome) == (paid.journey_id, Ending.PAID)


async def test_it_is_found_by_the_receipts_number_too(terminal, pay, earlier):
    paid = await pay(terminal)
    assert (await earlier.find(paid.receipt_number, paid.masked_pan.last4)).journey_id == paid.journey_id


async def test_another_card_finds_nothing_and_no_log_has_the_digits(terminal, pay, earlier, caplog):
    caplog.set_level(logging.DEBUG)
    paid = await pay(terminal)
    wrong = f"{(int(paid.masked_pan.last4) + 1) % 10_000:04d}"
    caplog.clear()
    assert await earlier.find(paid.view.rrn, wrong) is None
    assert await earlier.find("000000000000", paid.masked_pan.last4) is None
    assert await earlier.find("000000000000", "????") is None
    assert wrong not in caplog.text


async def test_five_wrong_guesses_lock_even_for_who_is_right(terminal, pay, earlier):
    paid = await pay(terminal)
    for _ in range(5):
        assert await earlier.find(paid.view.rrn, WRONG) is None
    assert earlier.locked_seconds > 800
    assert await earlier.find(paid.view.rrn, paid.masked_pan.last4) is None
    assert "alarm.earlier_payments_locked" in await notes(terminal)


async def test_a_lock_ends(terminal, pay):
    paid = await pay(terminal)
    earlier = EarlierPayments(terminal.spool, terminal.assembly, guesses=Guesses(most=1, lock_seconds=0.0))
    assert await earlier.find(paid.view.rrn, WRONG) is None
    assert await earlier.find(paid.view.rrn, paid.masked_pan.last4) is not None


async def test_an_ending_that_came_later_is_shown_and_printed(bank, terminal, pay, earlier):
    pending = await pay(terminal, "7015933090")
    assert pending.outcome is Ending.IN_PROCESSING
    assert (await earlier.find(pending.view.rrn, pending.masked_pan.last4)).outcome is Ending.IN_PROCESSING
    async with aiohttp.ClientSession(bank.sandbox.admin_url, raise_for_status=True) as sandbox:
        await sandbox.put(f"/payments/{pending.view.txn_id}", json={"end": "accepted"})
    await bank.settled(terminal)
    found = await earlier.find(pending.view.rrn, pending.masked_pan.last4)
    assert found.outcome is Ending.PAID
    assert await earlier.reprint(found)
    assert "ОПЛАЧЕНО" in said(terminal)


async def test_a_reprint_is_marked_as_a_copy_in_three_languages(terminal, pay, earlier):
    paid = await pay(terminal)
    assert "ДУБЛИКАТ" not in said(terminal)
    assert await earlier.reprint(paid)
    assert "ДУБЛИКАТ / КӨШІРМЕ / COPY" in said(terminal)
    assert "receipt.copy" in await notes(terminal)


async def test_without_paper_nothing_is_reprinted(terminal, pay, earlier):
    paid = await pay(terminal)
    printer = terminal.devices.emulators.printer
    printer.faults = replace(printer.faults, roll=Roll.OUT)
    assert not await earlier.reprint(paid)


async def test_a_silent_gateway_leaves_the_terminals_own_word(bank, pay):
    async with bank.terminal() as terminal:
        pending = await pay(terminal, "7015933090")
        terminal.settings.gateway_socket.unlink()
        earlier = EarlierPayments(terminal.spool, terminal.assembly)
        found = await earlier.find(pending.view.rrn, pending.masked_pan.last4)
        assert found.outcome is Ending.IN_PROCESSING


async def test_what_is_paid_here_is_counted_and_the_last_comes_first(terminal, pay):
    for product in ("dala-mobile", "dala-mobile", "kokjiek-mobile"):
        account = {"dala-mobile": "7011234567", "kokjiek-mobile": "7071234567"}[product]
        await pay(terminal, account, product=product)
    await pay(terminal, "7015900005")  # refused before anything was sent: nobody's habit
    assert await popular(terminal.spool, limit=5) == ("dala-mobile", "kokjiek-mobile")
    assert await recent(terminal.spool, limit=5) == ("kokjiek-mobile", "dala-mobile")
    assert await popular(terminal.spool, limit=1) == ("dala-mobile",)
