"""Nothing is set aside before a person can read of it, and only what is at fault."""

import asyncio
from random import Random

import pytest

from certs.issued import read_issued
from certs.keys import load_private_key
from certs.pair import Pair
from certs.presented import Presented
from gateway.alarms import open_alarms
from gateway.certificates.keeper import CertificateKeeper
from gateway.certificates.line import LineHealth
from gateway.certificates.rotation import Rotation, Trial, Verdict
from gateway.certificates.watch import CertificateWatch
from gateway.migrations import ROOMS
from spool import DiskFull, Spool, SpoolSettings
from tests.spool.faulty_disk import FaultyDisk, FaultyVfs


@pytest.fixture
def faulty():
    return FaultyVfs()


@pytest.fixture
async def store(tmp_path, clock, faulty):
    opening = await Spool.open(
        tmp_path / "gateway.db",
        rooms=ROOMS,
        now=clock,
        random=Random(1),
        threaded=False,
        disk=FaultyDisk(faulty),
        settings=SpoolSettings(reserve_bytes=4096, upkeep_seconds=3600),
    )
    async with opening as opened:
        yield opened


@pytest.fixture
def presented(tmp_path, throwaway_ca) -> Presented:
    """With another pair that waits for its trial."""
    folder = tmp_path / "bank"
    folder.mkdir()
    pair = Pair(folder / "bank.pem", folder / "bank.key")
    first, second = (throwaway_ca.issue("tolem-gateway", server_names=()) for _ in range(2))
    for source, target in ((first.certificate, pair.certificate), (first.key, pair.key)):
        target.touch(mode=0o600)
        target.write_bytes(source.read_bytes())
    ca = folder / "ca.pem"
    ca.write_bytes(throwaway_ca.ca_path.read_bytes())
    presented = Presented(pair, ca)
    pair.stage(read_issued(second.certificate.read_bytes()), load_private_key(second.key))
    return presented


def always(verdict):
    async def try_out(_context) -> Trial:
        return Trial(verdict, "alert: certificate unknown")

    return try_out


async def names(store) -> list[str]:
    return [alarm.name for alarm in await store.read(open_alarms)]


async def test_a_refused_pair_stays_until_its_alarm_is_written(presented, store, faulty) -> None:
    rotation = Rotation(presented, store, always(Verdict.REFUSED))
    faulty.free_bytes = -1
    with pytest.raises(DiskFull):
        await rotation.look()
    assert presented.pair.next.exists()
    faulty.free_bytes = 2**30
    await rotation.look()
    assert await names(store) == ["certificate_refused"]
    assert presented.pair.refused.exists()


@pytest.mark.parametrize("broken", ["bank.pem", "ca.pem"])
async def test_a_broken_file_in_use_is_not_blamed_on_what_is_staged(presented, store, faulty, broken) -> None:
    rotation = Rotation(presented, store, always(Verdict.UNANSWERED))
    (presented.ca.parent / broken).write_text("half a file")
    faulty.free_bytes = -1
    await rotation.look()
    with pytest.raises(DiskFull):
        await rotation.look()
    faulty.free_bytes = 2**30
    for _ in range(3):
        await rotation.look()
    [alarm] = await store.read(open_alarms)
    assert (alarm.name, alarm.times) == ("certificate_files_unusable", 1)
    assert presented.pair.next.exists()


async def test_a_staged_file_that_breaks_during_its_trial_does_not_end_the_keeper(
    presented, store, clock, eventually
) -> None:
    async def try_out(_context) -> Trial:
        presented.pair.next.write_text("half a file")
        return Trial(Verdict.WORKED)

    watch = CertificateWatch([], line=LineHealth(clock), now=clock, last_change=clock())
    rotation = Rotation(presented, store, try_out)
    keeper = CertificateKeeper(spool=store, watch=watch, rotation=rotation, pause_seconds=0.01)
    running = asyncio.create_task(keeper.run())
    assert await eventually(lambda: names(store), bool) == ["certificate_refused"]
    running.cancel()
    await asyncio.wait([running])
