"""A terminal's certificate is renewed at two thirds of its life, tried before it is used, and never lost."""

import asyncio
import re
from datetime import timedelta
from random import Random

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agent.certificate_renewal import NOT_RENEWED, CertificateRenewal
from agent.journeys.ports import Devices
from agent.readiness import Level, ReadinessGate, questions
from certs.authority import Authority
from certs.causes import Cause, TlsFault
from certs.keys import KINDS
from certs.pair import Pair
from certs.presented import Presented
from certs.requests import Subject, new_request, read_request
from devices.interfaces import DeviceState, Status
from gateway.client import Refusal, Unreachable
from gateway.contract import Enrolled, Readiness
from gateway.problems import problem
from spool import Spool
from tests.gateway.registry.conftest import VirtualTimeLoop

ATM = "ATM00017"
LIFE = timedelta(days=90)


class Device:
    async def status(self):
        return Status(DeviceState.ONLINE, {"paper": "full", "cover": "closed"})


class Gateway:
    """Signs what it is asked to, or says what a test put in."""

    def __init__(self, authority, now):
        self.authority, self.now = authority, now
        self.signs, self.answers = None, None
        self.asked = 0

    async def renew_certificate(self, request):
        self.asked += 1
        if self.signs is not None:
            raise self.signs
        fit = read_request(request.request.encode(), common_name=ATM)
        given = self.authority.issue_to_terminal(fit, terminal=ATM, now=self.now(), lasts=LIFE)
        pem = given.public_bytes(Encoding.PEM).decode()
        return Enrolled(terminal=ATM, certificate=pem, ends_at=given.not_valid_after_utc)

    async def readiness(self):
        if self.answers is not None:
            raise self.answers
        return Readiness(ready=True, reasons=[], time=self.now())

    async def close(self):
        pass


@pytest.fixture
def authority(tmp_path, clock):
    return Authority.make(tmp_path / "ca.pem", tmp_path / "ca.key", name="Terminals", now=clock())


@pytest.fixture
def presented(tmp_path, authority, clock):
    pair, key = Pair(tmp_path / "atm.pem", tmp_path / "atm.key"), KINDS["p-256"]()
    request = read_request(new_request(key, Subject(ATM)), common_name=ATM)
    pair.stage([authority.issue_to_terminal(request, terminal=ATM, now=clock(), lasts=LIFE)], key)
    pair.accept()
    return Presented(pair, tmp_path / "ca.pem")


@pytest.fixture
def gateway(authority, clock):
    return Gateway(authority, clock)


@pytest.fixture
def renewal(presented, gateway, clock):
    return CertificateRenewal(
        presented, gateway, lambda _: gateway, terminal=ATM, now=clock, random=Random(1), look_seconds=1
    )


async def test_it_is_renewed_after_two_thirds_of_its_life_and_not_before(renewal, presented, gateway, clock):
    before = presented.identity
    clock.time = before.not_before + timedelta(days=59)
    await renewal.look()
    assert gateway.asked == 0
    clock.time = before.not_before + timedelta(days=65)
    await renewal.look()
    assert gateway.asked == 1
    assert presented.identity.not_after == clock() + LIFE
    assert presented.identity.fingerprint != before.fingerprint
    assert presented.pair.previous.exists()
    await renewal.look()
    assert gateway.asked == 1, "the new one has its life before it"


def test_terminals_of_one_day_do_not_come_back_in_one_minute(presented, gateway, clock):
    due = [
        CertificateRenewal(
            presented, gateway, lambda _: gateway, terminal=ATM, now=clock, random=Random(n), look_seconds=1
        ).due()
        for n in range(50)
    ]
    assert max(due) - min(due) > timedelta(days=3)
    assert max(due) < presented.identity.not_after - timedelta(days=20)


@pytest.mark.parametrize(
    "silence", [Unreachable("no answer"), Refusal(problem("store_unavailable", "the disk is full"))]
)
async def test_what_cannot_be_renewed_now_is_tried_later_and_the_old_one_stays(
    renewal, presented, gateway, clock, silence
):
    clock.time = presented.identity.not_before + timedelta(days=70)
    gateway.signs, before = silence, presented.identity
    await renewal.look()
    await renewal.look()
    assert (gateway.asked, presented.identity) == (1, before), "it waits before it asks again"


async def test_a_new_one_that_does_not_get_in_is_set_aside(renewal, presented, gateway, clock):
    clock.time = presented.identity.not_before + timedelta(days=70)
    gateway.answers, before = Refusal(problem("terminal_revoked", "shut out")), presented.identity
    await renewal.look()
    assert presented.identity == before
    assert presented.pair.refused.exists()


async def test_a_new_one_that_nobody_answers_waits_for_its_next_trial(renewal, presented, gateway, clock):
    clock.time = presented.identity.not_before + timedelta(days=70)
    gateway.answers, before = Unreachable("no answer"), presented.identity
    await renewal.look()
    assert presented.identity == before
    assert presented.pair.next.exists()


@pytest.mark.parametrize("stage", ["signs", "answers"])
async def test_a_renewal_that_keeps_failing_is_told_a_day_after_it_was_due_with_the_days_left(
    renewal, gateway, clock, stage
):
    setattr(gateway, stage, Refusal(problem("terminal_revoked", "shut out")))
    clock.time = renewal.due() + timedelta(hours=1)
    await renewal.look()
    assert renewal.trouble() is None, "it has a month left"
    clock.advance(days=1)
    told, noted = [], asyncio.Event()

    async def note(name, data):
        told.append((name, data["days_left"], data["detail"]))
        noted.set()

    running = asyncio.create_task(renewal.run(note))
    await noted.wait()
    running.cancel()
    await asyncio.wait([running])
    [(name, days, detail)] = told
    assert (name, detail) == (NOT_RENEWED, renewal.trouble())
    assert 20 < days < 30
    assert "shut out" in detail


async def test_it_is_told_once_however_long_it_lasts(presented, gateway, clock):
    renewal = CertificateRenewal(
        presented, gateway, lambda _: gateway, terminal=ATM, now=clock, random=Random(1), look_seconds=0
    )
    gateway.signs = Unreachable("no answer")
    clock.time = renewal.due() + timedelta(days=2)
    told = []

    async def note(name, _data):
        told.append(name)

    running = asyncio.create_task(renewal.run(note))
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    assert told == [NOT_RENEWED]


def test_a_new_certificate_ends_the_trouble(renewal, gateway, clock):
    gateway.answers = Unreachable("no answer")
    clock.time = renewal.due() + timedelta(days=2)

    async def main():
        await renewal.look()
        assert renewal.trouble() is not None
        gateway.answers = None
        await asyncio.sleep(60)
        await renewal.look()
        assert renewal.trouble() is None

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())


async def test_doctor_warns_of_it_and_nobody_is_kept_from_paying(renewal, presented, gateway, clock, spool):
    gateway.signs = Unreachable("no answer")
    clock.time = renewal.due() + timedelta(days=2)
    await renewal.look()
    gate = ReadinessGate(
        questions(
            devices=Devices(*[Device()] * 3),
            gateway=gateway,
            spool=spool,
            now=clock,
            clock_skew=LIFE,
            free_disk_bytes=1,
            certificate=presented,
            not_renewed=renewal.trouble,
        ),
        patience_seconds=0,
    )
    found = next(one for one in await gate.findings() if one.part == "certificate")
    assert (found.code, found.level) == ("certificate.not_renewed", Level.WARNING)
    assert re.match(r"2\d days left; to be renewed since 2027-01-\d\d: .*no answer", found.detail)
    assert await gate.obstacles() == []


async def test_the_screen_says_that_the_certificate_is_over_or_that_the_clock_is_wrong(
    presented, gateway, clock, spool: Spool
):
    gate = ReadinessGate(
        questions(
            devices=Devices(*[Device()] * 3),
            gateway=gateway,
            spool=spool,
            now=clock,
            clock_skew=timedelta(days=99_999),
            free_disk_bytes=1,
            certificate=presented,
        ),
        patience_seconds=0,
    )
    assert await gate.obstacles() == []
    clock.time = presented.identity.not_after + timedelta(days=1)
    assert await gate.obstacles() == ["certificate.expired"]
    clock.advance(days=-4000)
    assert await gate.obstacles() == ["certificate.clock_broken"]


async def test_a_gateway_that_cannot_be_trusted_is_named(gateway, clock, spool):
    gateway.answers = Unreachable(
        "TLS", TlsFault(Cause.FOREIGN_CA, ours=False, detail="unable to get issuer")
    )
    gate = ReadinessGate(
        questions(
            devices=Devices(*[Device()] * 3),
            gateway=gateway,
            spool=spool,
            now=clock,
            clock_skew=LIFE,
            free_disk_bytes=1,
        ),
        patience_seconds=0,
    )
    assert await gate.obstacles() == ["gateway.certificate_foreign_ca"]
