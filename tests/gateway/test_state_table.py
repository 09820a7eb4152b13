import pytest

from gateway import check_states, payment_states
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
