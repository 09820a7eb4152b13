"""The table around a journey: closed, reachable, no dead end; what it forgets and what it keeps."""

import pytest

from agent.kiosk.session import TABLE, Event, Happened, Mode, Session, Stage, Step, moved

WAITS_FOR_ITS_WORK = {Stage.PAYING, Stage.MINE_LOOKING, Stage.MINE_PRINTING, Stage.SELLING}


def _reached(start):
    seen, new = set(), {start}
    while new:
        seen |= new
        new = {row.next for (stage, _), row in TABLE.items() if stage in seen} - seen
    return seen


def test_every_stage_is_reached_from_the_welcome():
    assert _reached(Stage.WELCOME) == set(Stage)


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_leads_back_to_the_welcome(stage):
    assert Stage.WELCOME in _reached(stage)


@pytest.mark.parametrize("stage", sorted(set(Stage) - WAITS_FOR_ITS_WORK - {Stage.WELCOME}))
def test_starting_again_is_possible_wherever_a_person_decides(stage):
    assert TABLE[stage, Event.STARTED_AGAIN].next is Stage.WELCOME


def test_every_event_has_a_row():
    assert {event for _, event in TABLE} == set(Event)


def test_an_event_without_a_row_changes_nothing():
    session = Session(language="kk", stage=Stage.PAYING)
    assert moved(session, Happened(Event.LAST_VALUE_GIVEN)) == (session, ())


def test_the_next_person_meets_nothing_of_the_last_one():
    used = Session(
        language="en", stage=Stage.OVER, modes=frozenset(Mode), values={"account": "7011234567"}, product="p"
    )
    assert moved(used, Happened(Event.STARTED_AGAIN)) == (Session(language="en"), (Step.FORGET,))


def test_another_payment_keeps_language_and_modes_and_nothing_else():
    used = Session(
        language="en", stage=Stage.OVER, modes=frozenset({Mode.LARGER}), values={"a": "1"}, number="1"
    )
    after, _ = moved(used, Happened(Event.ANOTHER_WANTED))
    assert after == Session(language="en", stage=Stage.GROUPS, modes=frozenset({Mode.LARGER}))


def test_a_new_stage_has_no_error_and_no_draft_of_the_last_one():
    session = Session(language="ru", stage=Stage.REQUISITE, draft="12", asked_for_time=True, page=2)
    after, _ = moved(session, Happened(Event.VALUE_GIVEN, {"requisite": 1}))
    assert (after.draft, after.fault, after.asked_for_time, after.page) == ("", None, False, 0)
