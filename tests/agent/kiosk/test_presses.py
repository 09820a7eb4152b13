"""What a press means, and that what a browser invents means nothing."""

import pytest

from agent.journeys.bill import State
from agent.kiosk.answers import DEBT, Answer, answer_of
from agent.kiosk.presses import Press, read
from agent.kiosk.scene import Ask, Question
from agent.kiosk.session import Event, Stage, moved
from gateway.money import Amount
from gateway.providers.faults import Fault
from tests.agent.kiosk import scenes


def at(stage, action, value="", **session):
    return read(scenes.scene(stage, **session), Press(action, "life.1", value))


@pytest.mark.parametrize(
    ("action", "value"),
    [
        *(("language", "de"), ("group", "nobody"), ("provider", "nobody"), ("product", "../etc")),
        *(("page", "-1"), ("page", "x"), ("page", "²"), ("nothing", ""), ("amount", "100"), ("agree", "")),
    ],
)
def test_a_value_that_is_not_there_is_no_press(action, value):
    assert at(Stage.GROUPS, action, value) is None


def test_a_value_that_breaks_its_rule_is_kept_and_named():
    happened = at(Stage.REQUISITE, "enter", "2048173659", product="samal-internet")
    assert happened.event is Event.VALUE_REFUSED
    assert happened.changes == {"draft": "2048173659", "fault": Fault.CHECK_DIGIT}


def test_requisites_are_asked_one_after_the_other_and_then_the_journey_begins():
    first = scenes.scene(Stage.REQUISITE, product="samal-tv")
    happened = read(first, Press("enter", "life.1", "9001441"))
    assert happened.event is Event.VALUE_GIVEN
    session, _ = moved(first.session, happened)
    second = scenes.scene(Stage.REQUISITE, product="samal-tv", requisite=1, values=session.values)
    happened = read(second, Press("option", "life.1", "world"))
    assert happened.event is Event.LAST_VALUE_GIVEN
    assert happened.changes["values"] == {"account": "9001441", "package": "world"}


def test_back_from_the_second_requisite_shows_what_was_typed_for_the_first():
    happened = at(Stage.REQUISITE, "back", product="samal-tv", requisite=1, values={"account": "9001441"})
    assert happened.event is Event.BACK_TO_VALUE
    assert happened.changes == {"requisite": 0, "draft": "9001441"}


@pytest.mark.parametrize(
    ("found_in", "stage"),
    [
        *((Stage.GROUPS, Stage.GROUPS), (Stage.PROVIDERS, Stage.PROVIDERS)),
        *((Stage.PRODUCTS, Stage.PRODUCTS), (Stage.SEARCH, Stage.SEARCH)),
    ],
)
def test_back_leads_to_where_the_product_was_found(found_in, stage):
    scene = scenes.scene(Stage.REQUISITE, product="samal-tv", found_in=found_in)
    session, _ = moved(scene.session, read(scene, Press("back", "life.1")))
    assert session.stage is stage


@pytest.mark.parametrize("typed", ["", "12345", "1234567890123", "12a456", "६३२६००"])
def test_an_operation_number_is_six_to_twelve_digits(typed):
    assert at(Stage.MINE_NUMBER, "enter", typed).event is Event.VALUE_REFUSED


def test_an_operation_number_may_be_typed_as_it_is_printed():
    assert at(Stage.MINE_NUMBER, "enter", "6326 0000 1234").changes == {"number": "632600001234"}


def _asked(ask, *labels):
    lived = scenes.journey(State.OFFERED, "ru")
    return scenes.scene(Stage.PAYING, lived=lived, question=Question(ask, labels), product="samal-internet")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (DEBT, Answer(Ask.AMOUNT, Amount(58182600))),
        ("1500", Answer(Ask.AMOUNT, Amount(150000))),
        ("1\u202f500,5", Answer(Ask.AMOUNT, Amount(150050))),
        ("500", Answer(Ask.AMOUNT, Amount(50000))),
        ("499,99", Answer(Ask.AMOUNT, fault=Fault.RANGE)),
        ("1000000,01", Answer(Ask.AMOUNT, fault=Fault.RANGE)),
        ("", Answer(Ask.AMOUNT, fault=Fault.MISSING)),
        ("1e5", Answer(Ask.AMOUNT, fault=Fault.CHARACTERS)),
    ],
)
def test_a_sum_is_read_and_kept_within_the_offer(typed, answer):
    assert answer_of(_asked(Ask.AMOUNT), "enter", typed) == answer


def test_only_an_application_that_the_card_has_can_be_chosen():
    scene = _asked(Ask.APPLICATION, "VISA", "LOCAL")
    assert answer_of(scene, "application", "1") == Answer(Ask.APPLICATION, 1)
    assert answer_of(scene, "application", "2") is None


def test_an_answer_to_a_question_that_is_not_asked_is_none():
    assert answer_of(_asked(Ask.CONSENT), "amount", DEBT) is None
    assert answer_of(scenes.scene(Stage.GROUPS), "agree", "") is None
