"""Who is believed, and whose certificate it is."""

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from certs.algorithms import ECDSA_SHA256, RSA_SHA256
from certs.errors import CertError, NotPemError, UnfitPinError
from certs.participants import CERTIFICATES_REMEMBERED, Participants, Trusted
from certs.refusals import SignatureRefusedError
from tests.certs.signing_parties import DAY, HOUR, IS_CA, SIGNS, Party, Stage, usage

ECDSA = ECDSA_SHA256.provider
RSA = RSA_SHA256.provider
assert ECDSA is not None
assert RSA is not None


@pytest.fixture
def stage(clock: Any) -> Stage:
    return Stage(clock())


def code_of(participants: Participants, party: Party, *, now: Any, provider: Any = ECDSA) -> str:
    try:
        participants.trusted(party.der, provider=provider, now=now)
    except SignatureRefusedError as refused:
        return refused.code
    return "trusted"


def trusted(participants: Participants, party: Party, *, now: Any) -> Trusted:
    return participants.trusted(party.der, provider=ECDSA, now=now)


def test_two_certificates_are_one_participants_while_it_rolls_over(stage: Stage, clock: Any) -> None:
    old, new = stage.issue("bank"), stage.issue("bank")
    participants = stage.participants(pins={"BANK": [old.pin, new.pin]})
    for party in (old, new):
        assert participants.owner_of(trusted(participants, party, now=clock()).fingerprint) == "BANK"


def test_a_certificate_of_the_trusted_ca_is_nobodys_without_a_pin(stage: Stage, clock: Any) -> None:
    participants = stage.participants()
    assert participants.owner_of(trusted(participants, stage.nobody, now=clock()).fingerprint) is None


def test_a_pin_alone_makes_nobody_trusted(stage: Stage, clock: Any) -> None:
    stranger = stage.foreign_ca.issue("bank", now=clock())
    participants = stage.participants(pins={"BANK": [stranger.pin]})
    assert code_of(participants, stranger, now=clock()) == "untrusted"


def test_a_pin_is_taken_as_openssl_prints_it(stage: Stage) -> None:
    pin = stage.bank.pin
    printed = ":".join(pin[at : at + 2] for at in range(0, len(pin), 2)).upper()
    assert stage.participants(pins={"BANK": [printed]}).owner_of(pin) == "BANK"


@pytest.mark.parametrize("pin", ["", "ab", "g" * 64, "a" * 63, "a" * 65])
def test_what_is_no_fingerprint_is_no_pin(stage: Stage, pin: str) -> None:
    with pytest.raises(UnfitPinError, match="SHA-256"):
        stage.participants(pins={"BANK": [pin]})


def test_a_pin_binds_to_one_participant(stage: Stage) -> None:
    with pytest.raises(UnfitPinError, match="both BANK and OTHER claim it"):
        stage.participants(pins={"BANK": [stage.bank.pin], "OTHER": [stage.bank.pin.upper()]})


def test_a_chain_leads_through_the_intermediates_of_the_settings(stage: Stage, clock: Any) -> None:
    leaf = stage.branch_ca.issue("leaf", now=clock())
    times = {"last_update": clock() - HOUR, "next_update": clock() + DAY}
    crl = stage.crl + stage.branch_ca.list_of_revoked(**times)
    found = trusted(stage.participants(crl=crl), leaf, now=clock())
    assert [serial for _, serial in found.links] == [
        leaf.certificate.serial_number,
        stage.branch_ca.certificate.serial_number,
    ]


def test_a_certificate_that_was_believed_is_not_when_its_time_is_over(stage: Stage, clock: Any) -> None:
    short = stage.issue("short", ends=HOUR)
    participants = stage.participants()
    assert code_of(participants, short, now=clock()) == "trusted"
    clock.time += HOUR
    assert code_of(participants, short, now=clock()) == "trusted"
    clock.advance(seconds=1)
    assert code_of(participants, short, now=clock()) == "certificate_expired"
    clock.advance(days=-3)
    assert code_of(participants, short, now=clock()) == "certificate_not_yet_valid"


def test_a_leaf_does_not_outlive_the_intermediate_above_it(stage: Stage, clock: Any) -> None:
    brief = stage.ca.issue("Brief CA", now=clock(), ends=HOUR, extensions=IS_CA)
    leaf = brief.issue("leaf", now=clock())
    participants = Participants(
        {}, authorities=[stage.ca.certificate], intermediates=[brief.certificate], revocation=None
    )
    assert code_of(participants, leaf, now=clock()) == "trusted"
    clock.time += 2 * HOUR
    assert code_of(participants, leaf, now=clock()) == "untrusted"


def test_a_certificate_that_was_believed_is_not_under_another_algorithm(stage: Stage, clock: Any) -> None:
    participants = stage.participants()
    assert code_of(participants, stage.bank, now=clock()) == "trusted"
    assert code_of(participants, stage.bank, now=clock(), provider=RSA) == "key_kind"


@pytest.mark.parametrize("critical", [True, False])
def test_a_ca_may_be_older_than_the_webs_rules(stage: Stage, clock: Any, *, critical: bool) -> None:
    """No key identifiers, CA:TRUE alone, critical or not."""
    plain = stage.ca.issue("Old CA", now=clock(), extensions=IS_CA[:1], critical=lambda _: critical)
    participants = Participants({}, authorities=[stage.ca.certificate], intermediates=[plain.certificate])
    assert code_of(participants, plain.issue("leaf", now=clock()), now=clock()) == "trusted"


def test_an_intermediate_with_an_unknown_critical_extension_leads_nowhere(stage: Stage, clock: Any) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    odd = stage.ca.issue("Odd CA", now=clock(), extensions=(*IS_CA, unknown))
    participants = Participants({}, authorities=[stage.ca.certificate], intermediates=[odd.certificate])
    assert code_of(participants, odd.issue("leaf", now=clock()), now=clock()) == "untrusted"


@pytest.mark.parametrize(
    "extensions",
    [SIGNS, SIGNS[:1], (), (IS_CA[0], usage("crl_sign"))],
    ids=["leaf", "CA:FALSE", "none", "no issuing"],
)
def test_what_is_no_ca_issues_nobody_though_the_settings_name_it(
    stage: Stage, clock: Any, extensions: Any
) -> None:
    no_ca = stage.ca.issue("No CA", now=clock(), extensions=extensions)
    participants = Participants({}, authorities=[stage.ca.certificate], intermediates=[no_ca.certificate])
    assert code_of(participants, no_ca.issue("leaf", now=clock()), now=clock()) == "untrusted"


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_certificate_with_any_byte_changed_is_refused_or_nobodys(stage: Stage, clock: Any) -> None:
    """cryptography reads a part when it is asked for, and raises then; a stranger must not reach that."""
    participants, der = stage.participants(), stage.platform.der
    codes = set()
    for at in range(len(der)):
        for changed in {0x00, 0x30, 0xFF, der[at] ^ 1} - {der[at]}:
            try:
                found = participants.trusted(
                    der[:at] + bytes([changed]) + der[at + 1 :], provider=ECDSA, now=clock()
                )
                codes.add(participants.owner_of(found.fingerprint))
            except SignatureRefusedError as refused:
                codes.add(refused.code)
    assert "PLATFORM" not in codes
    assert {"certificate_unreadable", "untrusted", "key_kind", "critical_extension"} <= codes


@pytest.mark.parametrize("purpose", ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.1", "1.2.398.3.3.4.1.2"])
def test_the_purposes_of_tls_are_not_asked_of_a_signer(stage: Stage, clock: Any, purpose: str) -> None:
    purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(purpose)])
    signer = stage.issue("signer", extensions=(*SIGNS, purposes))
    assert code_of(stage.participants(), signer, now=clock()) == "trusted"


def test_a_ca_for_leaves_alone_makes_no_further_ca(stage: Stage, clock: Any) -> None:
    shallow = stage.ca.issue(
        "Shallow CA",
        now=clock(),
        extensions=(x509.BasicConstraints(ca=True, path_length=0), IS_CA[1]),
    )
    below = shallow.issue("Below", now=clock(), extensions=IS_CA)
    participants = Participants(
        {},
        authorities=[stage.ca.certificate],
        intermediates=[shallow.certificate, below.certificate],
    )
    assert code_of(participants, shallow.issue("leaf", now=clock()), now=clock()) == "trusted"
    assert code_of(participants, below.issue("leaf", now=clock()), now=clock()) == "untrusted"


def test_what_is_remembered_is_bounded_and_forgotten_ones_are_still_believed(
    stage: Stage, clock: Any
) -> None:
    participants = Participants({}, authorities=[stage.ca.certificate])
    key = stage.bank.key
    parties = [stage.issue(f"{n}", key=key) for n in range(CERTIFICATES_REMEMBERED + 3)]
    first = trusted(participants, parties[0], now=clock())
    assert trusted(participants, parties[0], now=clock()) is first, "remembered"
    for party in parties:
        assert code_of(participants, party, now=clock()) == "trusted"
    again = trusted(participants, parties[0], now=clock())
    assert again == first
    assert again is not first, "forgotten"


def test_files_are_read_and_checked_at_start(stage: Stage, clock: Any, tmp_path: Path) -> None:
    files = stage.write(tmp_path)
    alarms: list[str] = []
    participants = Participants.load(stage.pins, **files, now=clock(), alarm=alarms.append)
    assert code_of(participants, stage.platform, now=clock()) == "trusted"
    assert code_of(participants, stage.revoked, now=clock()) == "revoked"
    files["crl"].unlink()
    clock.advance(minutes=1)
    participants.refresh(clock())
    assert len(alarms) == 1
    with pytest.raises(CertError):
        Participants.load(stage.pins, **files, now=clock(), alarm=alarms.append)
    files["ca"].write_bytes(b"nothing")
    with pytest.raises(NotPemError):
        Participants.load(stage.pins, ca=files["ca"], now=clock(), alarm=alarms.append)


def test_without_a_revocation_list_in_the_settings_none_is_asked_for(stage: Stage, clock: Any) -> None:
    participants = Participants(stage.pins, authorities=[stage.ca.certificate])
    participants.refresh(clock())
    assert code_of(participants, stage.issue("x", extensions=SIGNS), now=clock()) == "trusted"
