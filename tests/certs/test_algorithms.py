"""The table of algorithms, and that another one can be brought by a provider."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from certs.algorithms import ALGORITHMS, GOST_2015_512, VerifyBytes, with_provider
from certs.chains import UntrustedError
from certs.participants import Participants
from certs.refusals import Refusal, SignatureRefusedError
from certs.signer import Signer
from certs.xmldsig import UnsignableDocumentError, sign, verify
from tests.certs.signing_parties import Party, Stage, new_ca

DOCUMENT = b"<Document><IBAN>KZ86</IBAN></Document>"


class StandIn:
    """A provider for the GOST row: Ed25519 and BLAKE2b play a curve and a digest that nobody here knows."""

    def digest(self, content: bytes) -> bytes:
        return blake2b(content).digest()

    def key_fault(self, certificate: x509.Certificate) -> Refusal | None:
        known = isinstance(certificate.public_key(), ed25519.Ed25519PublicKey)
        return None if known else Refusal.KEY_KIND

    def verifier(self, certificate: x509.Certificate) -> VerifyBytes:
        key = certificate.public_key()
        assert isinstance(key, ed25519.Ed25519PublicKey)

        def verify(*, value: bytes, content: bytes) -> Refusal | None:
            try:
                key.verify(value, content)
            except InvalidSignature:
                return Refusal.SIGNATURE_MISMATCH
            return None

        return verify

    def chain_of(
        self,
        leaf: x509.Certificate,
        *,
        authorities: Sequence[x509.Certificate],
        intermediates: Sequence[x509.Certificate],
        at: datetime,
    ) -> Sequence[x509.Certificate]:
        for authority in authorities:
            try:
                leaf.verify_directly_issued_by(authority)
            except (ValueError, InvalidSignature):
                continue
            return [leaf, authority]
        raise UntrustedError


WITH_GOST = with_provider(ALGORITHMS, GOST_2015_512, StandIn())


@pytest.fixture
def participants(clock: Any) -> tuple[Party, Participants]:
    ca = new_ca("GOST CA", now=clock())
    bank = ca.issue("bank", now=clock(), key=ed25519.Ed25519PrivateKey.generate())
    return bank, Participants({"BANK": [bank.pin]}, authorities=[ca.certificate])


def test_a_provider_makes_the_gost_row_work(clock: Any, participants: tuple[Party, Participants]) -> None:
    bank, believed = participants
    signer = Signer(bank.certificate, WITH_GOST[GOST_2015_512.method], bank.key.sign)
    signed = sign(DOCUMENT, signer)
    assert GOST_2015_512.method.encode() in signed
    verified = verify(signed, participants=believed, now=clock(), algorithms=WITH_GOST)
    assert verified.owned_by() == "BANK"
    with pytest.raises(SignatureRefusedError) as caught:
        verify(signed.replace(b"KZ86", b"KZ87"), participants=believed, now=clock(), algorithms=WITH_GOST)
    assert caught.value.code == "digest_mismatch"


def test_without_a_provider_the_gost_row_says_so(
    clock: Any, participants: tuple[Party, Participants]
) -> None:
    bank, believed = participants
    signer = Signer(bank.certificate, WITH_GOST[GOST_2015_512.method], bank.key.sign)
    with pytest.raises(SignatureRefusedError) as caught:
        verify(sign(DOCUMENT, signer), participants=believed, now=clock())
    assert caught.value.code == "needs_provider"
    with pytest.raises(UnsignableDocumentError, match="needs a provider"):
        sign(DOCUMENT, Signer(bank.certificate, GOST_2015_512, bank.key.sign))


def test_a_key_of_a_provider_is_none_of_the_other_rows(clock: Any) -> None:
    stage = Stage(clock())
    odd = stage.issue("odd", key=ed25519.Ed25519PrivateKey.generate())
    for algorithm in ALGORITHMS.values():
        if algorithm.provider is not None:
            assert algorithm.provider.key_fault(odd.certificate) is Refusal.KEY_KIND


def test_the_table_holds_what_the_protocol_names() -> None:
    assert {name.rsplit("#")[-1].rsplit(":")[-1] for name in ALGORITHMS} == {
        "rsa-sha256",
        "ecdsa-sha256",
        "gostr34102015-gostr34112015-512",
    }
