"""Whatever is wrong with a certificate, the staff's screen and the service page name the cause and who must come.

From the gateway's watch over its certificates, and from the terminal's own, to what is drawn.
"""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agent.advice import UNKNOWN, advice_of
from agent.journeys.ports import Devices
from agent.kiosk.screens import screen
from agent.kiosk.session import Stage
from agent.kiosk.wording import Wording
from agent.readiness import Finding, Level, ReadinessGate, questions
from agent.technician.checked import checked
from agent.texts.advice import step_text
from certs.authority import Authority
from certs.causes import Cause, TlsFault
from certs.identity import Identity
from certs.keys import load_private_key
from certs.pair import Pair
from certs.presented import Presented
from certs.throwaway import ThrowawayCa
from devices.interfaces import DeviceState, Status
from devices.selftest import Verdict, When
from gateway.certificates.line import LineHealth
from gateway.certificates.watch import CertificateWatch, Watched, reason_of
from gateway.client import Unreachable
from gateway.contract import Readiness
from tests.agent.kiosk import scenes
from tests.certs.revocations import revocation_list

LIFE = timedelta(days=90)
FACTS = scenes.FACTS


class Device:
    async def status(self):
        return Status(DeviceState.ONLINE, {"paper": "full", "cover": "closed"})


class Gateway:
    """Answers with what its watch over certificates says, or not at all."""

    def __init__(self, clock):
        self._clock = clock
        self.watch, self.fault = None, None

    async def readiness(self):
        if self.fault is not None:
            raise Unreachable("TLS", self.fault)
        reasons = [] if self.watch is None else self.watch.reasons()
        return Readiness(ready=not reasons, reasons=reasons, time=self._clock())


@pytest.fixture
def gateway(clock):
    return Gateway(clock)


@pytest.fixture
def codes(gateway, spool, clock):
    """`await codes(presented)`: what stands in a terminal's way."""

    async def ask(presented=None):
        asked = questions(
            devices=Devices(*[Device()] * 3),
            gateway=gateway,
            spool=spool,
            now=clock,
            clock_skew=timedelta(days=99_999),
            free_disk_bytes=1,
            certificate=presented,
        )
        return await ReadinessGate(asked, patience_seconds=0).obstacles()

    return ask


@pytest.fixture
def watch(gateway, clock, tmp_path):
    """`watch(identity, line, crl=…)`: how the gateway sees its personal certificate."""

    def make(identity, line, **witnesses):
        bank = Watched("eport.client_cert", lambda: identity, payments=True, **witnesses)
        gateway.watch = CertificateWatch([bank], line=line, now=clock, last_change=clock())

    return make


def assert_named(code, cause):
    """In each language: the code itself, the engineer, and what to do next."""
    assert code.endswith(cause.value)
    assert advice_of(code) is not UNKNOWN
    for language in scenes.LANGUAGES:
        page = Wording(FACTS).screen(screen(scenes.scene(Stage.WELCOME, language, obstacles=(code,))))
        assert f'<span class="codes">{code}</span>' in page
        assert {"kk": "инженер, қазір", "ru": "инженер, сейчас", "en": "engineer, now"}[language] in page
    found = checked(Finding("gateway", Level.OBSTACLE, code))
    step = step_text(found.next_step).to("en")
    wanted = "clock" if cause is Cause.CLOCK_BROKEN else "certificate"
    assert (found.verdict, found.when) == (Verdict.FAIL, When.NOW)
    assert wanted in step


async def test_a_personal_certificate_that_is_over(watch, codes, clock, tmp_path):
    issued = ThrowawayCa(tmp_path / "ca", now=clock).issue("10001", lasts=timedelta(hours=-1))
    watch(Identity.read(*issued), LineHealth(clock))
    [code] = await codes()
    assert_named(code, Cause.EXPIRED)


async def test_a_personal_certificate_that_its_issuer_has_revoked(watch, codes, clock, tmp_path):
    ca = Authority.make(tmp_path / "ca.pem", tmp_path / "ca.key", name="e-port CA", now=clock())
    key = ThrowawayCa(tmp_path / "keys", now=clock).issue("10001").key
    own = ca.issue_to_server(load_private_key(key), names=["localhost"], now=clock(), lasts=LIFE)
    (tmp_path / "own.pem").write_bytes(own.public_bytes(Encoding.PEM))
    crl = revocation_list(tmp_path / "ca.crl", own, tmp_path / "ca.key", now=clock())
    watch(Identity.read(tmp_path / "own.pem", key), LineHealth(clock), crl=crl)
    [code] = await codes()
    assert_named(code, Cause.REVOKED)


async def test_a_personal_certificate_of_a_ca_that_e_port_does_not_know(watch, codes, clock, tmp_path):
    line = LineHealth(clock)
    watch(Identity.read(*ThrowawayCa(tmp_path / "ca", now=clock).issue("10001")), line)
    line.failed(TlsFault(Cause.FOREIGN_CA, ours=True, detail="TLSV1_ALERT_UNKNOWN_CA"))
    [code] = await codes()
    assert_named(code, Cause.FOREIGN_CA)


async def test_a_clock_that_lost_its_battery(watch, codes, clock, tmp_path):
    watch(Identity.read(*ThrowawayCa(tmp_path / "ca", now=clock).issue("10001")), LineHealth(clock))
    clock.advance(days=-20_000)
    [code] = await codes()
    assert_named(code, Cause.CLOCK_BROKEN)


async def test_the_terminals_own_certificate_and_its_clock(codes, clock, tmp_path):
    ca = ThrowawayCa(tmp_path / "ca", now=clock)
    presented = Presented(Pair(*ca.issue("ATM00017")), ca.ca_path)
    clock.time = presented.identity.not_after + timedelta(hours=1)
    ca_ends_later = ThrowawayCa(tmp_path / "later", now=clock).ca_path
    [code] = await codes(Presented(presented.pair, ca_ends_later))
    assert_named(code, Cause.EXPIRED)
    clock.advance(days=-20_000)
    [code] = await codes(presented)
    assert_named(code, Cause.CLOCK_BROKEN)


@pytest.mark.parametrize("cause", list(Cause))
async def test_a_line_to_the_gateway_that_fails_for_a_certificate(codes, gateway, cause):
    gateway.fault = TlsFault(cause, ours=False, detail="OpenSSL's word")
    [code] = await codes()
    assert code == f"gateway.{reason_of(cause)}"
    assert_named(code, cause)
