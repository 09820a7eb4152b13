import json

import pytest

from agent.demo.panel.troubles import PLACES, TROUBLES, WORKS, plan
from gateway.sandbox.admin_bodies import FaultsBody
from gateway.sandbox.faults import FaultPlan, Occasion


def sandbox_takes(chosen):
    faults = FaultPlan()
    FaultsBody.read(json.dumps(plan(chosen)).encode()).replace(faults)
    return faults


@pytest.mark.parametrize("trouble", [name for name in TROUBLES if name != WORKS])
@pytest.mark.parametrize("place", PLACES)
def test_the_sandbox_makes_each_trouble_at_each_place_as_often_as_it_is_met(place, trouble):
    faults = sandbox_takes({place: trouble})
    wire, operation = PLACES[place].wire, PLACES[place].operation
    for attempt in range(1, 4):
        met = faults.choose(Occasion(wire, operation, "1", attempt))
        assert (met.name, met.position) == (TROUBLES[trouble].name, TROUBLES[trouble].position)
    assert faults.choose(Occasion(wire, "capture", "1", 1)) is None


def test_where_all_works_nothing_goes_wrong():
    assert sandbox_takes(dict.fromkeys(PLACES, WORKS)).rules == []


@pytest.mark.parametrize("chosen", [{"moon": "silent"}, {"check": "sings"}])
def test_what_does_not_exist_is_refused(chosen):
    with pytest.raises(KeyError):
        plan(chosen)
