"""What we sign, and what of it is believed."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from certs.errors import CertError, CertificateExpiredError, KeyDoesNotFitError, WrongKeyUsageError
from certs.keys import write_new_key
from certs.refusals import SignatureRefusedError
from certs.signature_form import SIGNATURE
from certs.signer import Signer
from certs.xmldsig import UnsignableDocumentError, sign, verify
from tests.certs.signing_parties import HOUR, SIGNS, Party, Stage, rsa_key, usage

DOCUMENT = b'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:x"><IBAN>KZ86</IBAN></Document>\n'


@pytest.fixture
def stage(clock: Any) -> Stage:
    return Stage(clock())


def canonical(root: etree._Element) -> bytes:
    return etree.tostring(root, method="c14n", exclusive=True)


def test_what_is_signed_is_verified_and_owned(stage: Stage, clock: Any) -> None:
    verified = verify(sign(DOCUMENT, stage.platform.signer), participants=stage.participants(), now=clock())
    assert verified.owned_by("PLATFORM") == "PLATFORM"
    assert verified.fingerprint == stage.platform.signer.fingerprint
    assert verified.certificate == stage.platform.certificate
    assert canonical(verified.tree) == canonical(etree.fromstring(DOCUMENT))


def test_a_document_in_bytes_is_not_touched_besides(stage: Stage) -> None:
    signed = sign(DOCUMENT, stage.platform.signer)
    begins, ends = signed.index(b"<ds:Signature "), signed.index(b"</Document>")
    assert signed[:begins] + signed[ends:] == DOCUMENT
    assert etree.fromstring(signed)[-1].tag == SIGNATURE


def test_a_tree_is_signed_and_not_changed(stage: Stage, clock: Any) -> None:
    tree = etree.fromstring(DOCUMENT)
    before = etree.tostring(tree)
    signed = sign(tree, stage.platform.signer)
    assert etree.tostring(tree) == before
    assert signed.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert verify(signed, participants=stage.participants(), now=clock()).owned_by() == "PLATFORM"


def test_a_hop_signs_anew_what_it_verified(stage: Stage, clock: Any) -> None:
    participants = stage.participants()
    received = verify(sign(DOCUMENT, stage.bank.signer), participants=participants, now=clock())
    forwarded = verify(sign(received.tree, stage.platform.signer), participants=participants, now=clock())
    assert (received.owned_by(), forwarded.owned_by()) == ("BANK", "PLATFORM")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<Document/>",
        b"<Envelope><Document>x</Document></Envelope>",
        b"<Document><!-- x -->y</Document>",
        b"<Document>" + b"x" * 64 * 1024 + b"</Document>",
        b"<Document>" + b"x" * (64 * 1024 - 100) + b"</Document>",
        b'<Document xmlns:p="relative" p:a="b">x</Document>',
        b'<Document><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></Document>',
    ],
)
def test_what_others_would_refuse_is_not_signed(stage: Stage, document: bytes) -> None:
    with pytest.raises(UnsignableDocumentError):
        sign(document, stage.platform.signer)


# What canonical forms trip over: namespaces declared twice, elsewhere or not at all, entities, blanks, order.
TRICKY = [
    "<Document>x</Document>",
    '<Document xmlns="urn:a" xmlns:b="urn:b"><b:x b:z="1" a="2" b:a="3"/></Document>',
    '<Document xmlns="urn:a"><x xmlns=""><y xmlns="urn:a"/></x></Document>',
    '<p:Document xmlns:p="urn:a" xmlns:unused="urn:u"><x>1</x></p:Document>',
    '<Document xmlns="urn:a" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><x/></Document>',
    '<Document xmlns="urn:a" xmlns:x="http://www.w3.org/2000/09/xmldsig#"><x/></Document>',
    '<Document xmlns="urn:a" xmlns:ds="urn:not-ours"><ds:x/></Document>',
    "<Document>&amp;&lt;&gt;&quot;&#13;&#9;\u2028 Қазақстан 🏧</Document>",
    '<Document a="&#13;&#10;&#9;&quot;&lt;"> \n\t </Document>',
    "<Document>\r\n<x/>\r\n</Document>",
    "\ufeff<Document>x</Document>",
]


@pytest.mark.parametrize("text", TRICKY)
def test_any_document_survives_its_signature(stage: Stage, clock: Any, text: str) -> None:
    verified = verify(
        sign(text.encode(), stage.platform.signer), participants=stage.participants(), now=clock()
    )
    assert canonical(verified.tree) == canonical(etree.fromstring(text.encode()))


_STAGE = Stage(datetime(2026, 11, 22, tzinfo=UTC))
_SIGNED = sign(DOCUMENT, _STAGE.platform.signer)
_PARTICIPANTS = _STAGE.participants()


@given(at=st.integers(0, len(_SIGNED) - 1), change=st.one_of(st.none(), st.binary(min_size=1, max_size=3)))
def test_whatever_is_changed_on_the_way_what_is_accepted_is_what_was_signed(
    at: int, change: bytes | None
) -> None:
    """`change` None: a byte is lost. Blanks within base64 may come and go; a word of the document may not."""
    changed = _SIGNED[:at] + (change or b"") + _SIGNED[at + 1 :]
    try:
        verified = verify(changed, participants=_PARTICIPANTS, now=_STAGE.now)
    except SignatureRefusedError:
        return
    assert canonical(verified.tree) == canonical(etree.fromstring(DOCUMENT))
    assert verified.owned_by() == "PLATFORM"


@given(st.binary(max_size=200))
def test_noise_is_refused_and_breaks_nothing(noise: bytes) -> None:
    with pytest.raises(SignatureRefusedError):
        verify(noise, participants=_PARTICIPANTS, now=_STAGE.now)


def test_many_threads_sign_and_verify_with_one_signer(stage: Stage, clock: Any) -> None:
    participants, signer = stage.participants(), stage.platform.signer

    def once(number: int) -> bool:
        document = b"<Document><x>%d</x></Document>" % number
        verified = verify(sign(document, signer), participants=participants, now=clock())
        return verified.tree[0].text == str(number)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(once, range(200)))


def test_nothing_of_a_document_is_logged(stage: Stage, clock: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    signed = sign(DOCUMENT, stage.platform.signer)
    verify(signed, participants=stage.participants(), now=clock())
    with pytest.raises(SignatureRefusedError):
        verify(signed.replace(b"KZ86", b"KZ87"), participants=stage.participants(), now=clock())
    assert caplog.records == []


def test_neither_key_nor_document_shows_in_a_repr(stage: Stage, clock: Any) -> None:
    signer = stage.platform.signer
    verified = verify(sign(DOCUMENT, signer), participants=stage.participants(), now=clock())
    assert "KZ86" not in repr(verified)
    assert "sign_bytes" not in repr(signer)


def _files(folder: Path, party: Party) -> tuple[Path, Path]:
    certificate, key = folder / "signer.pem", folder / "signer.key"
    certificate.write_bytes(party.pem)
    write_new_key(key, party.key)
    return certificate, key


@pytest.mark.parametrize("key", [None, rsa_key()], ids=["P-256", "RSA"])
def test_a_signer_is_loaded_from_files(stage: Stage, clock: Any, tmp_path: Path, key: Any) -> None:
    party = stage.issue("platform", key=key)
    signer = Signer.load(*_files(tmp_path, party), now=clock)
    participants = stage.participants(pins={"US": [signer.fingerprint]})
    assert verify(sign(DOCUMENT, signer), participants=participants, now=clock()).owned_by() == "US"


@pytest.mark.parametrize(("more", "error"), [
    ({"ends": -HOUR, "begins": -2 * HOUR}, CertificateExpiredError),
    ({"extensions": (SIGNS[0], usage("key_encipherment"))}, WrongKeyUsageError),
    ({"extensions": SIGNS[:1]}, WrongKeyUsageError),
    ({"key": rsa_key(1024)}, WrongKeyUsageError),
    ({"key": ec.generate_private_key(ec.SECP384R1())}, WrongKeyUsageError),
])  # fmt: skip
def test_a_signer_that_others_would_refuse_is_refused_at_start(
    stage: Stage, clock: Any, tmp_path: Path, more: dict[str, Any], error: type[CertError]
) -> None:
    with pytest.raises(error):
        Signer.load(*_files(tmp_path, stage.issue("us", **more)), now=clock)


def test_a_certificate_of_another_key_is_no_signer(stage: Stage, clock: Any, tmp_path: Path) -> None:
    mixed = replace(stage.platform, key=stage.bank.key)
    with pytest.raises(KeyDoesNotFitError):
        Signer.load(*_files(tmp_path, mixed), now=clock)
