import pytest
from hypothesis import given
from hypothesis import strategies as st

from spool.breaker import BreakerSettings, Circuit, CircuitState

SETTINGS = BreakerSettings(opens_after=3)


def silent(circuit, times, clock_ms=0):
    for _ in range(times):
        circuit = circuit.silent(clock_ms, SETTINGS, 0.0)
    return circuit


def test_it_opens_after_so_many_silences_in_a_row():
    assert silent(Circuit(), 2).state(0) is CircuitState.CLOSED
    assert silent(Circuit(), 3).state(0) is CircuitState.OPEN


def test_an_answer_begins_the_count_anew():
    assert silent(silent(Circuit(), 2).answered(1), 2).state(0) is CircuitState.CLOSED


def test_while_open_nothing_goes_until_it_is_time_for_a_probe():
    circuit = silent(Circuit(), 3)
    assert not circuit.allows(4999)
    assert circuit.allows(5000)
    assert circuit.state(5000) is CircuitState.HALF_OPEN


def test_one_probe_goes_at_a_time_and_one_that_is_lost_is_forgotten_after_a_while():
    probing = silent(Circuit(), 3).probing(5000, SETTINGS)
    assert probing.state(5001) is CircuitState.HALF_OPEN
    assert not probing.allows(5001)
    assert not probing.allows(64_999)
    assert probing.allows(65_000)


def test_what_was_sent_before_it_opened_does_not_put_the_probe_off():
    assert silent(silent(Circuit(), 3), 10, clock_ms=4000).allows(5000)


def test_any_answer_closes_it():
    assert silent(Circuit(), 3).probing(5000, SETTINGS).answered(1) == Circuit(last_answer_ms=1)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_time_between_probes_doubles_to_a_minute_and_never_more(share):
    circuit, clock_ms, waits = silent(Circuit(), 2), 0, []
    for _ in range(8):
        circuit = circuit.silent(clock_ms, SETTINGS, share)
        waits.append((circuit.probe_ms - clock_ms) / 1000)
        clock_ms = circuit.probe_ms
        circuit = circuit.probing(clock_ms, SETTINGS)
    assert waits[:4] == pytest.approx([5 * (1 + 0.1 * share) * 2**n for n in range(4)])
    assert waits[-1] == pytest.approx(60 / 1.1 * (1 + 0.1 * share), abs=0.002)
    assert max(waits) <= 60


@given(st.lists(st.sampled_from(["answered", "silent", "ask"]), max_size=60), st.floats(0, 1))
def test_it_never_stays_shut_for_longer_than_a_minute(happenings, share):
    circuit, clock_ms = Circuit(), 0
    for what in happenings:
        clock_ms += 700
        if what == "answered":
            circuit = circuit.answered(clock_ms)
        elif what == "silent":
            circuit = circuit.silent(clock_ms, SETTINGS, share)
        elif circuit.allows(clock_ms) and circuit.breaker is not CircuitState.CLOSED:
            circuit = circuit.probing(clock_ms, SETTINGS)
        assert circuit.allows(clock_ms + 60_000)
