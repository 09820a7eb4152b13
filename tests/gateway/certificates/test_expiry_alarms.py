"""60, 30, 7, 1 day before the end, and when it is over: each once for each certificate."""

from datetime import timedelta

import pytest

from certs.identity import Identity
from gateway.alarms import close_alarm, open_alarms
from gateway.certificates.expiry_alarms import threshold_of
from gateway.certificates.keeper import CertificateKeeper
from gateway.certificates.line import LineHealth
from gateway.certificates.watch import CertificateWatch, Watched


@pytest.fixture
def identity(throwaway_ca) -> Identity:
    return Identity.read(*throwaway_ca.issue("10001"))


@pytest.fixture
def new_keeper(store, clock, identity):
    """A keeper as each life of the process has it."""

    def make(of=None) -> CertificateKeeper:
        watched = Watched("eport.client_cert", lambda: of or identity)
        watch = CertificateWatch(
            [watched], line=LineHealth(clock), now=clock, last_change=clock() - timedelta(days=900)
        )
        return CertificateKeeper(spool=store, watch=watch, rotation=None, pause_seconds=1)

    return make


async def names(store) -> list[str]:
    return [alarm.name for alarm in await store.read(open_alarms)]


def test_the_nearest_threshold_counts() -> None:
    told = {61: None, 60: 60, 31: 60, 30: 30, 8: 30, 7: 7, 2: 7, 1: 1, 0: 1, -1: 0}
    assert {days: threshold_of(days) for days in told} == told


async def test_each_alarm_comes_once_and_on_its_day(store, clock, identity, new_keeper) -> None:
    keeper, seen = new_keeper(), {}
    for days in range(64, -3, -1):
        clock.time = identity.not_after - timedelta(days=days)
        for _ in range(3):
            await keeper.look()
        for name in await names(store):
            seen.setdefault(name, days)
    expected = {f"certificate_ends_in_{days}_days": days for days in (60, 30, 7, 1)}
    assert seen == {**expected, "certificate_expired": -1}
    assert [alarm.times for alarm in await store.read(open_alarms)] == [1] * 5


async def test_a_closed_alarm_does_not_come_back_with_the_next_start(
    store, clock, identity, new_keeper
) -> None:
    clock.time = identity.not_after - timedelta(days=20)
    await new_keeper().look()
    [alarm] = await store.read(open_alarms)
    assert alarm.name == "certificate_ends_in_30_days"
    assert "tolem certs rotate" in alarm.detail
    await store.write(lambda tx: close_alarm(tx, alarm.alarm_id, by="Aigerim", remark="ordered"))
    await new_keeper().look()
    assert await names(store) == []


async def test_a_new_certificate_begins_anew(store, clock, identity, new_keeper, throwaway_ca) -> None:
    clock.time = identity.not_after - timedelta(days=5)
    await new_keeper().look()
    another = Identity.read(*throwaway_ca.issue("10001"))
    await new_keeper(another).look()
    assert await names(store) == ["certificate_ends_in_7_days"] * 2
