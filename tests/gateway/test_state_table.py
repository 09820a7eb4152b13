import pytest

from agent.journeys import bill
from gateway.bills import check_states, payment_states
from gateway.state_table import NoSuchRowError, advance, diagram


def test_a_missing_row_is_an_error_that_names_event_and_state() -> None:
    with pytest.raises(NoSuchRowError, match="RELEASED in state HOLDING"):
        advance({}, payment_states.State.HOLDING, payment_states.Event.RELEASED)


def test_the_diagram_joins_the_events_that_share_an_arrow() -> None:
    drawn = diagram(payment_states.TABLE).splitlines()
    assert drawn[:2] == ["stateDiagram-v2", "    [*] --> HOLDING"]
    assert "    HOLDING --> RELEASING : UNANSWERED, RESTARTED" in drawn
    assert drawn[-3:] == ["    PAID --> [*]", "    RELEASED --> [*]", "    REFUSED --> [*]"]


def test_the_diagram_of_checks_shows_both_endings() -> None:
    assert diagram(check_states.TABLE).splitlines()[2:] == [
        "    OFFERED --> USED : TAKEN",
        "    OFFERED --> EXPIRED : EXPIRED",
        "    USED --> [*]",
        "    EXPIRED --> [*]",
    ]


def test_a_state_that_nothing_leaves_is_drawn_though_the_table_has_no_row_for_it() -> None:
    drawn = diagram(bill.TABLE).splitlines()
    assert "    RETURNING --> ABANDONED : CARD_TAKEN, CARD_LEFT" in drawn
    assert drawn[-3:] == ["    CARD_TAKEN --> [*]", "    CARD_LEFT --> [*]", "    ABANDONED --> [*]"]
