"""What a terminal's journal says that a person at the bank must know becomes an alarm here."""

import pytest

from agent import registry as terminals_registry
from agent.catalogue_copy import REFUSED as CATALOGUE_REFUSED
from agent.certificate_renewal import NOT_RENEWED
from gateway.alarms import open_alarms
from gateway.api.terminal_events import take_events
from gateway.contract import JournalEvent
from gateway.registry import exchange, rounds

TOLD = {
    CATALOGUE_REFUSED: "catalogue_refused",
    NOT_RENEWED: "terminal_certificate_not_renewed",
    **{
        f"alarm.{word}": f"terminal_{word}"
        for word in (
            terminals_registry.NOT_TAKEN,
            exchange.REFUSED,
            rounds.CLOCK_BROKEN,
            rounds.CLOCK_JUMPED,
            rounds.CLOCK_BEHIND,
        )
    },
}


@pytest.mark.parametrize(("name", "alarm"), TOLD.items())
async def test_an_event_that_a_person_must_know_is_an_alarm_about_its_terminal(store, clock, name, alarm):
    event = JournalEvent(number=1, at=clock(), name=name, data={"detail": "why"})
    for _ in range(2):  # the same batch comes again
        await store.write(lambda tx: take_events(tx, "ATM00017", [event]))
    [raised] = await store.read(open_alarms)
    assert (raised.name, raised.subject, raised.times) == (alarm, "ATM00017", 1)


async def test_an_ordinary_event_is_none(store, clock):
    event = JournalEvent(number=1, at=clock(), name="certificate.taken", data={})
    await store.write(lambda tx: take_events(tx, "ATM00017", [event]))
    assert await store.read(open_alarms) == []
