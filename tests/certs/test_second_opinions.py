"""Two other verifiers of XML signatures, signxml and xmlsec: they agree with ours on what is good, and ours is the
stricter one.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import xmlsec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from certs.documents import parser
from certs.participants import Participants
from certs.refusals import SignatureRefusedError
from certs.xmldsig import sign, verify
from tests.certs.attacks import attacks
from tests.certs.signing_parties import Party, Stage

NOW = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
STAGES = {"P-256": Stage(NOW), "RSA": Stage(NOW, rsa=True)}
DOCUMENTS = [
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.11"><IBAN>KZ86</IBAN></Document>',
    '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:a">\n  <Nm>Қазақ &amp; Ә</Nm>\n</Document>\n',
    '<p:Document xmlns:p="urn:a" xmlns:q="urn:b"><q:x q:a="1" b="2" p:a="&#13;&quot;"/></p:Document>',
    '<Document xmlns="urn:a" xmlns:ds="urn:not-ours"><x xmlns=""><ds:y/></x></Document>',
    "<Document>&#13;\r\n\t&lt;</Document>",
]
_EXC, _REC = (
    CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    CanonicalizationMethod.CANONICAL_XML_1_0,
)
_METHODS = {True: SignatureMethod.RSA_SHA256, False: SignatureMethod.ECDSA_SHA256}


def is_rsa(party: Party) -> bool:
    return isinstance(party.key, rsa.RSAPrivateKey)


def signxml_accepts(body: bytes, party: Party) -> etree._Element | None:
    expected = SignatureConfiguration(
        location="./",
        signature_methods=frozenset(_METHODS.values()),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=NOW,
    )
    try:
        found = XMLVerifier().verify(
            body, x509_cert=party.certificate, expect_config=expected, parser=parser()
        )
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, NotImplementedError):
        return None
    assert not isinstance(found, list)
    return found.signed_xml


def xmlsec_accepts(body: bytes, party: Party) -> bool:
    root = etree.fromstring(body)
    signature = xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(party.pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def signxml_signs(document: bytes, party: Party, method: CanonicalizationMethod) -> bytes:
    signer = XMLSigner(c14n_algorithm=method, signature_algorithm=_METHODS[is_rsa(party)])
    signed = signer.sign(etree.fromstring(document), key=party.key, cert=[party.certificate])
    return etree.tostring(signed)


def xmlsec_signs(document: bytes, party: Party, method: CanonicalizationMethod) -> bytes:
    names = xmlsec.constants
    root = etree.fromstring(document)
    c14n = names.TransformExclC14N if method is _EXC else names.TransformInclC14N
    algorithm = names.TransformRsaSha256 if is_rsa(party) else names.TransformEcdsaSha256
    signature = xmlsec.template.create(root, c14n, algorithm, ns="sig")
    root.append(signature)
    reference = xmlsec.template.add_reference(signature, names.TransformSha256, uri="")
    xmlsec.template.add_transform(reference, names.TransformEnveloped)
    xmlsec.template.add_transform(reference, c14n)
    data = xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
    xmlsec.template.x509_data_add_certificate(data)
    context = xmlsec.SignatureContext()
    pem = party.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(party.pem, xmlsec.constants.KeyDataFormatPem)
    context.sign(signature)
    return etree.tostring(root)


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    return STAGES[request.param]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_both_accept_what_we_sign(stage: Stage, text: str) -> None:
    signed = sign(text.encode(), stage.platform.signer)
    assert xmlsec_accepts(signed, stage.platform)
    seen = signxml_accepts(signed, stage.platform)
    ours = verify(signed, participants=stage.participants(), now=NOW).tree
    assert seen is not None
    assert etree.tostring(seen) == etree.tostring(ours)


@pytest.mark.parametrize("text", DOCUMENTS)
@pytest.mark.parametrize("method", [_EXC, _REC])
@pytest.mark.parametrize("signs", [signxml_signs, xmlsec_signs])
def test_we_accept_what_both_sign(
    stage: Stage, signs: Callable[..., bytes], method: CanonicalizationMethod, text: str
) -> None:
    signed = signs(text.encode(), stage.platform, method)
    verified = verify(signed, participants=stage.participants(), now=NOW)
    assert verified.owned_by("PLATFORM")
    as_signed = etree.tostring(etree.fromstring(text.encode()), method="c14n", exclusive=method is _EXC)
    assert etree.tostring(verified.tree, method="c14n", exclusive=method is _EXC) == as_signed


def _accepted(body: bytes, participants: Participants) -> etree._Element | None:
    try:
        return verify(body, participants=participants, now=NOW).tree
    except SignatureRefusedError:
        return None


_SIGNED = {name: sign(DOCUMENTS[1].encode(), stage.platform.signer) for name, stage in STAGES.items()}
_PARTICIPANTS = {name: stage.participants() for name, stage in STAGES.items()}


@given(
    kind=st.sampled_from(sorted(STAGES)),
    at=st.integers(0, 4000),
    change=st.one_of(
        st.none(), st.sampled_from([b" ", b"\n", b"A", b"=", b"<x/>", b"/", b'"']), st.binary(max_size=2)
    ),
    instead=st.booleans(),
)
def test_neither_refuses_what_ours_accepts(
    kind: str, at: int, change: bytes | None, *, instead: bool
) -> None:
    signed = _SIGNED[kind]
    at %= len(signed)
    changed = signed[:at] + (change or b"") + signed[at + instead :]
    ours = _accepted(changed, _PARTICIPANTS[kind])
    if ours is None:
        return
    party = STAGES[kind].platform
    seen = signxml_accepts(changed, party)
    assert seen is not None
    assert etree.tostring(seen) == etree.tostring(ours)
    assert xmlsec_accepts(changed, party)


def test_attacks_that_both_let_through_are_refused_here(stage: Stage) -> None:
    """Given the signer's key and no more. So the corpus has teeth, and the checks are not there for nothing."""
    corpus = {attack.name: attack.body for attack in attacks(DOCUMENTS[0].encode(), stage)}
    through_signxml = {"wrapped by Id", "wrapped by Id into an Object", "a reference to a part", "XSLT"}
    through_xmlsec = {"SHA-1 signed", "SHA-1 digested", "SHA-512 signed", "a KeyValue beside the certificate"}
    through_both = {"a comment in an IBAN", "CDATA in an IBAN", "c14n mixed", "enveloped alone", "an Object"}
    for name in through_signxml | through_both:
        assert signxml_accepts(corpus[name], stage.platform) is not None, name
    for name in through_xmlsec | through_both:
        assert xmlsec_accepts(corpus[name], stage.platform), name
    for name in through_signxml | through_xmlsec | through_both:
        assert _accepted(corpus[name], stage.participants()) is None, name
