"""`tolem pay-link` and `tolem sale`: what a person and a script are told of each ending."""

import asyncio

import pytest

from agent.cli.following import Following, Served
from agent.cli.pay_lines import lines as pay_lines
from agent.cli.pay_link import script_facts as link_facts
from agent.cli.sale import SCRIPT, how_it_ended, lines, script_facts
from agent.journeys.bill import Ending as BillEnding
from agent.journeys.bill import State as BillState
from agent.journeys.link_record import LinkJourney
from agent.journeys.merchant_sale import Ending, State
from agent.journeys.sale_record import Sale
from gateway.transfer_contract import SaleTold
from tests.agent.fakes import money
from tests.agent.transfer_fakes import (
    END_TO_END_ID,
    LINK,
    SETTLED,
    link_journey,
    link_offer,
    sale,
    sale_view,
)


def text(told):
    return "\n".join(f"{line.label}: {line.text}" for line in told)


def offered(state=BillState.OFFERED, **changes):
    return link_journey(state, offer=link_offer(), total=money(150_000), **changes)


def test_who_is_paid_and_how_much_is_told_before_the_card():
    told = text(pay_lines(offered()))
    for expected in ("ЖШС «Алма», BIN 990140000012", "Сыр и хлеб, A-17", "total: 1\u00a0500.00\u00a0₸"):
        assert expected in told


def test_the_end_of_an_order_has_its_numbers():
    told = text(pay_lines(offered(BillState.ENDED, view=SETTLED, ending=BillEnding.PAID)))
    assert f"EndToEndId {END_TO_END_ID}" in told


def test_the_json_of_an_order_names_the_whole_chain_and_what_does_not_exist_is_null():
    facts = link_facts(offered(BillState.ENDED, view=SETTLED, payment_id="p"), "paid")
    assert (facts["end_to_end_id"], facts["tx_id"], facts["rrn"]) == (
        END_TO_END_ID,
        SETTLED.tx_id,
        SETTLED.rrn,
    )
    assert {name for name, value in link_facts(None, "refused").items() if value} == {"ending"}


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (SaleTold.PAID, 0),
        (SaleTold.PAID_LATE, 0),
        (SaleTold.CANCELLED, 10),
        (SaleTold.EXPIRED, 10),
        (SaleTold.REFUSED, 10),
        (SaleTold.DOUBTFUL, 11),
    ],
)
def test_every_ending_of_a_sale_has_its_exit_code(told, code):
    ended = sale(State.CLOSED, view=sale_view(told), ending=Ending(told))
    assert SCRIPT[how_it_ended(ended)].exit_code == code
    assert script_facts(ended, "x")["told"] == told


@pytest.mark.parametrize(
    ("last", "ending"),
    [
        (None, Ending.OUT_OF_SERVICE),
        (sale(State.OPENING), Ending.OUT_OF_SERVICE),
        (sale(State.SHOWING, view=sale_view(SaleTold.WAITING)), Ending.DOUBTFUL),
        (sale(State.BEING_PAID, view=sale_view(SaleTold.BEING_PAID)), Ending.DOUBTFUL),
    ],
)
def test_an_interrupted_sale_is_in_doubt_once_its_link_was_shown(last, ending):
    assert how_it_ended(last) is ending


@pytest.mark.parametrize("state", State)
def test_every_step_of_a_sale_is_told(state):
    shown = sale(state, view=sale_view(SaleTold.WAITING), ending=Ending.DOUBTFUL, slip_number="000001")
    assert text(lines(shown))


async def test_a_sale_is_followed_to_its_end_and_a_stop_presses_cancel():
    asked, cancelled = [], asyncio.Event()

    async def call(command, arguments):
        asked.append((command, arguments))
        if command == "cancel":
            cancelled.set()
            yield {"asked": True}
            return
        yield sale(State.SHOWING, view=sale_view(SaleTold.WAITING)).model_dump(mode="json")
        await cancelled.wait()
        yield sale(State.CLOSED, ending=Ending.CANCELLED).model_dump(mode="json")

    stop = asyncio.Event()
    following = Following(
        Served("sale", Sale.model_validate, lambda it: it.sale_id), stop, patience_seconds=30
    )
    shown = []

    def show(it):
        shown.append(it.state)
        stop.set()

    await following.follow(call, {"amount": "1500.00"}, show)
    assert (shown, following.interrupted) == ([State.SHOWING, State.CLOSED], True)
    assert asked[1] == ("cancel", {"journey_id": following.last.sale_id})


def test_a_record_of_a_link_survives_its_way_over_the_socket():
    record = offered(BillState.ENDED, view=SETTLED, ending=BillEnding.PAID)
    assert LinkJourney.model_validate(record.model_dump(mode="json")) == record
    assert record.link == LINK
