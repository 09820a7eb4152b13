"""A revocation list is somebody else's file: it is late, torn, old or another's, and payments go on or stop for it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certs.errors import FileUnreadableError, NotPemError
from certs.refusals import Refusal
from certs.revocation import RevocationLists, issuer_id
from tests.certs.signing_parties import DAY, HOUR, Party, Stage, new_ca

MINUTE = timedelta(minutes=1)


class File:
    """What `read` finds; set `content` to None and it is not there."""

    def __init__(self, content: bytes) -> None:
        self.content: bytes | None = content
        self.read_times = 0

    def __call__(self, path: Path) -> bytes:
        self.read_times += 1
        if self.content is None:
            raise FileUnreadableError(f"certificate file {path}", why="it is not there", to_do="Look.")
        return self.content


@pytest.fixture
def stage(clock: Any) -> Stage:
    return Stage(clock())


@pytest.fixture
def alarms() -> list[str]:
    return []


def lists_of(stage: Stage, file: File, alarms: list[str]) -> RevocationLists:
    return RevocationLists(
        Path("some.crl"), issuers=[stage.ca.certificate], now=stage.now, alarm=alarms.append, read=file
    )


def link(issuer: Party, party: Party) -> list[tuple[str, int]]:
    return [(issuer_id(issuer.certificate), party.certificate.serial_number)]


def test_a_certificate_is_revoked_within_a_minute_of_the_new_list(
    stage: Stage, clock: Any, alarms: list[str]
) -> None:
    file = File(stage.crl)
    lists = lists_of(stage, file, alarms)
    bank = link(stage.ca, stage.bank)
    file.content = stage.ca.list_of_revoked(stage.bank, last_update=clock(), next_update=clock() + DAY)
    clock.advance(seconds=59)
    assert lists.fault(bank, now=clock()) is None
    clock.advance(seconds=1)
    assert lists.fault(bank, now=clock()) is Refusal.REVOKED
    assert (file.read_times, alarms) == (2, [])


def test_a_clock_that_steps_back_has_the_file_read_again(stage: Stage, clock: Any, alarms: list[str]) -> None:
    file = File(stage.crl)
    lists = lists_of(stage, file, alarms)
    clock.advance(minutes=-30)
    lists.refresh(clock())
    assert file.read_times == 2


def test_an_hour_after_the_next_one_was_due_nobody_is_believed(
    stage: Stage, clock: Any, alarms: list[str]
) -> None:
    lists = lists_of(stage, File(stage.crl), alarms)
    bank = link(stage.ca, stage.bank)
    clock.time += DAY
    assert (lists.fault(bank, now=clock()), alarms) == (None, [])
    clock.time += HOUR
    assert lists.fault(bank, now=clock()) is None
    assert len(alarms) == 1, "late, and told"
    clock.time += timedelta(seconds=1)
    for _ in range(3):
        assert lists.fault(bank, now=clock()) is Refusal.REVOCATION_STALE
    assert len(alarms) == 1, "told once for each reading"
    clock.time += MINUTE
    assert lists.fault(bank, now=clock()) is Refusal.REVOCATION_STALE
    assert len(alarms) == 2
    assert "a new one was due at 2026-11-23T09:05:09+00:00" in alarms[0]


def test_a_list_that_is_over_when_the_process_starts_is_told_with_the_first_refusal(
    stage: Stage, clock: Any, alarms: list[str]
) -> None:
    old = File(stage.ca.list_of_revoked(last_update=clock() - DAY, next_update=clock() - 2 * HOUR))
    lists = lists_of(stage, old, alarms)
    assert lists.fault(link(stage.ca, stage.bank), now=clock()) is Refusal.REVOCATION_STALE
    assert len(alarms) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "it is not there"),
        (b"", "it holds no revocation list"),
        (b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "it holds no revocation list"),
    ],
)
def test_a_file_that_became_unreadable_leaves_the_last_list_in_force(
    stage: Stage, clock: Any, alarms: list[str], content: bytes | None, why: str
) -> None:
    file = File(stage.crl)
    lists = lists_of(stage, file, alarms)
    file.content = content
    clock.time += MINUTE
    assert lists.fault(link(stage.ca, stage.revoked), now=clock()) is Refusal.REVOKED
    assert lists.fault(link(stage.ca, stage.bank), now=clock()) is None
    assert len(alarms) == 1
    assert why in alarms[0]
    assert "stays in force" in alarms[0]


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_list_with_any_byte_changed_leaves_the_last_one_in_force(
    stage: Stage, clock: Any, alarms: list[str]
) -> None:
    file = File(stage.crl)
    lists = lists_of(stage, file, alarms)
    der = x509.load_pem_x509_crl(stage.crl).public_bytes(Encoding.DER)
    for at in range(len(der)):
        for changed in {0x00, 0x30, 0xFF, der[at] ^ 1} - {der[at]}:
            file.content = der[:at] + bytes([changed]) + der[at + 1 :]
            clock.time += MINUTE
            assert lists.fault(link(stage.ca, stage.revoked), now=clock()) is Refusal.REVOKED
    assert file.read_times > len(der)


def test_an_older_list_takes_nobody_off(stage: Stage, clock: Any, alarms: list[str]) -> None:
    file = File(stage.crl)
    lists = lists_of(stage, file, alarms)
    file.content = stage.ca.list_of_revoked(last_update=clock() - 2 * HOUR, next_update=clock() + 9 * DAY)
    clock.time += MINUTE
    assert lists.fault(link(stage.ca, stage.revoked), now=clock()) is Refusal.REVOKED
    assert "older than the last one" in alarms[0]


def test_a_bad_list_holds_up_no_other_and_is_told_until_it_is_gone(
    stage: Stage, clock: Any, alarms: list[str]
) -> None:
    file = File(stage.crl)
    lists = lists_of(stage, file, alarms)
    clock.time += MINUTE
    fake = stage.foreign_ca.list_of_revoked(last_update=clock(), next_update=clock() + DAY)
    file.content = fake + stage.ca.list_of_revoked(stage.bank, last_update=clock(), next_update=clock() + DAY)
    assert lists.fault(link(stage.ca, stage.bank), now=clock()) is Refusal.REVOKED
    clock.time += MINUTE
    lists.refresh(clock())
    assert [alarm.count("no trusted CA signed the list of CN=Foreign CA") for alarm in alarms] == [1, 1]


def test_a_list_of_the_future_keeps_out_nobody_elses(stage: Stage, clock: Any, alarms: list[str]) -> None:
    file = File(stage.crl)
    lists = lists_of(stage, file, alarms)
    clock.time += MINUTE
    file.content = stage.ca.list_of_revoked(last_update=clock() + 9 * DAY, next_update=clock() + 99 * DAY)
    assert lists.fault(link(stage.ca, stage.revoked), now=clock()) is Refusal.REVOKED
    assert "of the future" in alarms[0]
    clock.time += MINUTE
    file.content = stage.ca.list_of_revoked(stage.bank, last_update=clock(), next_update=clock() + DAY)
    assert lists.fault(link(stage.ca, stage.bank), now=clock()) is Refusal.REVOKED
    assert len(alarms) == 1


def test_of_two_lists_of_one_ca_in_a_file_the_newer_counts(
    stage: Stage, clock: Any, alarms: list[str]
) -> None:
    older = stage.ca.list_of_revoked(last_update=clock() - 9 * HOUR, next_update=clock() + DAY)
    lists = lists_of(stage, File(stage.crl + older), alarms)
    assert lists.fault(link(stage.ca, stage.revoked), now=clock()) is Refusal.REVOKED


def test_a_list_of_somebody_else_is_no_list(stage: Stage, clock: Any, alarms: list[str]) -> None:
    fake = new_ca("Participants CA", now=clock())  # the same name, another key
    foreign = fake.list_of_revoked(last_update=clock(), next_update=clock() + DAY)
    with pytest.raises(NotPemError, match="no trusted CA signed the list of CN=Participants CA"):
        lists_of(stage, File(foreign), alarms)


def test_a_partial_list_is_no_list(stage: Stage, clock: Any, alarms: list[str]) -> None:
    partial = x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=True,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    content = stage.ca.list_of_revoked(last_update=clock(), next_update=clock() + DAY, extensions=[partial])
    with pytest.raises(NotPemError, match="critical extension"):
        lists_of(stage, File(content), alarms)


def test_der_and_several_lists_in_one_file_are_read(stage: Stage, clock: Any, alarms: list[str]) -> None:
    der = x509.load_pem_x509_crl(stage.crl).public_bytes(Encoding.DER)
    lists = lists_of(stage, File(der), alarms)
    assert lists.fault(link(stage.ca, stage.revoked), now=clock()) is Refusal.REVOKED
    leaf = stage.branch_ca.issue("leaf", now=clock())
    second = stage.branch_ca.list_of_revoked(leaf, last_update=clock(), next_update=clock() + DAY)
    both = RevocationLists(
        Path("some.crl"),
        issuers=[stage.ca.certificate, stage.branch_ca.certificate],
        now=clock(),
        alarm=alarms.append,
        read=File(stage.crl + second),
    )
    assert both.fault(link(stage.branch_ca, leaf), now=clock()) is Refusal.REVOKED
    assert both.fault(link(stage.ca, stage.revoked), now=clock()) is Refusal.REVOKED


def test_an_intermediate_that_is_revoked_takes_its_leaves_with_it(
    stage: Stage, clock: Any, alarms: list[str]
) -> None:
    leaf = stage.branch_ca.issue("leaf", now=clock())
    times = {"last_update": clock(), "next_update": clock() + DAY}
    content = stage.ca.list_of_revoked(stage.branch_ca, **times) + stage.branch_ca.list_of_revoked(**times)
    lists = RevocationLists(
        Path("some.crl"),
        issuers=[stage.ca.certificate, stage.branch_ca.certificate],
        now=clock(),
        alarm=alarms.append,
        read=File(content),
    )
    chain = link(stage.branch_ca, leaf) + link(stage.ca, stage.branch_ca)
    assert lists.fault(chain, now=clock()) is Refusal.REVOKED


def test_a_ca_with_two_certificates_has_one_list(stage: Stage, clock: Any, alarms: list[str]) -> None:
    renewed = new_ca("Participants CA", now=clock(), key=stage.ca.key)
    lists = RevocationLists(
        Path("some.crl"),
        issuers=[stage.ca.certificate, renewed.certificate],
        now=clock(),
        alarm=alarms.append,
        read=File(stage.crl),
    )
    assert lists.fault(link(renewed, stage.revoked), now=clock()) is Refusal.REVOKED
