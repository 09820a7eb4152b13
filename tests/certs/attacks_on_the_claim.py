"""Attacks by what a signature says of itself: its form, its algorithms, its certificate."""

from collections.abc import Iterator
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from tests.certs.forgery import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INCLUSIVE,
    MORE,
    XENC,
    Attack,
    Forgery,
    certificate_base64,
    honest,
    key_info_of,
    transform,
    x509_data,
)
from tests.certs.signing_parties import DAY, HOUR, IS_CA, SIGNS, Party, Stage, new_ca, p256, rsa_key, usage


def on_the_form(document: bytes, stage: Stage) -> Iterator[Attack]:
    forgery = Forgery(stage.platform)
    for name, reference in (
        ("a reference to a part", 'URI="#part"'),
        ("a reference by XPointer", 'URI="#xpointer(/)"'),
        ("a reference to elsewhere", 'URI="http://localhost/"'),
        ("a reference to nothing", ""),
    ):
        part = document.replace(stage.opened(), stage.opened('Id="part"'), 1)
        signed = forgery.but(reference=reference, signs=_identified if "#part" in reference else _root)
        yield Attack(name, signed.sign(part), "reference_partial")
    extra = f'<ds:Reference URI=""><ds:Transforms>{transform(ENVELOPED)}</ds:Transforms></ds:Reference>'
    yield Attack("two references", forgery.but(more_references=extra).sign(document), "reference_number")
    xslt = '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'
    yield from (
        Attack(name, forgery.but(transforms=transforms).sign(document), code)
        for name, transforms, code in (
            ("XSLT", (transform(ENVELOPED), transform("http://www.w3.org/TR/1999/REC-xslt-19991116", xslt),
                      transform(EXCLUSIVE)), "transforms"),
            ("XSLT in place of c14n",
             (transform(ENVELOPED), transform("http://www.w3.org/TR/1999/REC-xslt-19991116", xslt)), "transforms"),
            ("XPath", (transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<ds:XPath>1</ds:XPath>"),
                       transform(EXCLUSIVE)), "transforms"),
            ("XPath filter", (transform(ENVELOPED), transform("http://www.w3.org/2002/06/xmldsig-filter2")),
             "transforms"),
            ("base64", (transform(ENVELOPED), transform(f"{DS}base64"), transform(EXCLUSIVE)), "transforms"),
            ("enveloped alone", (transform(ENVELOPED),), "transforms"),
            ("c14n alone", (transform(EXCLUSIVE),), "transforms"),
            ("enveloped twice", (transform(ENVELOPED), transform(ENVELOPED)), "transforms"),
            ("the wrong way round", (transform(EXCLUSIVE), transform(ENVELOPED)), "transforms"),
            ("c14n with comments", (transform(ENVELOPED), transform(f"{EXCLUSIVE}WithComments")), "transforms"),
            ("inclusive prefixes", (transform(ENVELOPED), transform(
                EXCLUSIVE, f'<p:InclusiveNamespaces xmlns:p="{EXCLUSIVE}" PrefixList="ds"/>')),
             "algorithm_parameters"),
        )
    )  # fmt: skip
    yield Attack("an Object", forgery.but(objects="<ds:Object/>").sign(document), "signature_content")
    manifest = f'<ds:Object><ds:Manifest xmlns:ds="{DS}"/></ds:Object>'
    yield Attack("a Manifest", forgery.but(objects=manifest).sign(document), "signature_content")
    yield Attack("text in the Signature", forgery.but(between="x").sign(document), "signature_content")
    empty = forgery.but(value=lambda _: b"").sign(document)
    yield Attack("an empty SignatureValue", empty, "not_base64")
    relative = document.replace(stage.opened(), stage.opened('xmlns:p="relative" p:a="b"'), 1)
    signed = honest(document, stage).replace(stage.opened(), stage.opened('xmlns:p="relative" p:a="b"'), 1)
    assert relative != document
    yield Attack("a namespace without a canonical form", signed, "not_canonical")


def on_the_key_info(document: bytes, stage: Stage) -> Iterator[Attack]:
    forgery, certificate = Forgery(stage.platform), certificate_base64(stage.platform)
    data, key_value = x509_data(certificate), "<ds:KeyValue/>"
    for name, key_info, code in (
        ("no KeyInfo", "", "signature_content"),
        ("a KeyValue in place of a certificate", key_info_of(key_value), "key_info"),
        ("a KeyValue beside the certificate", key_info_of(key_value + data), "key_info"),
        ("a KeyName beside the certificate", key_info_of("<ds:KeyName>x</ds:KeyName>" + data), "key_info"),
        ("a RetrievalMethod", key_info_of('<ds:RetrievalMethod URI="#x"/>'), "key_info"),
        ("two certificates", key_info_of(x509_data(certificate, certificate_base64(stage.ca))), "key_info"),
        ("two X509Data", key_info_of(data + data), "key_info"),
        ("no certificate", key_info_of("<ds:X509Data/>"), "key_info"),
        ("a certificate that is none", key_info_of(x509_data("AAAA")), "certificate_unreadable"),
        ("a certificate with dirt", key_info_of(x509_data("!" + certificate)), "not_base64"),
        ("text in KeyInfo", key_info_of("x" + data), "key_info"),
    ):
        yield Attack(name, forgery.but(key_info=key_info).sign(document), code)


def on_the_algorithms(document: bytes, stage: Stage) -> Iterator[Attack]:
    forgery = Forgery(stage.platform)
    kind = "ecdsa" if isinstance(stage.platform.key, ec.EllipticCurvePrivateKey) else "rsa"
    public = stage.platform.certificate.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    other = "rsa" if kind == "ecdsa" else "ecdsa"
    gost = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr3"
    for name, changes, code in (
        ("SHA-1 signed", {"method": f"{DS if kind == 'rsa' else MORE}{kind}-sha1"}, "signature_method"),
        ("SHA-1 digested", {"digest_method": f"{DS}sha1"}, "digest_method"),
        ("SHA-512 signed", {"method": f"{MORE}{kind}-sha512"}, "signature_method"),
        ("SHA-512 digested", {"digest_method": f"{XENC}sha512"}, "digest_method"),
        ("HMAC with the public key",
         {"method": f"{MORE}hmac-sha256", "hmac_key": pem, "digest_method": f"{XENC}sha256"}, "signature_method"),
        ("HMAC cut to a byte",
         {"method": f"{MORE}hmac-sha256", "hmac_key": pem,
          "method_inside": "<ds:HMACOutputLength>8</ds:HMACOutputLength>"}, "signature_method"),
        ("DSA", {"method": f"{DS}dsa-sha1"}, "signature_method"),
        ("no signature algorithm at all", {"method": "urn:none"}, "signature_method"),
        ("a parameter of the digest", {"digest_inside": "<ds:X/>"}, "algorithm_parameters"),
        ("a parameter of the algorithm", {"method_inside": "<ds:X/>"}, "algorithm_parameters"),
        ("an algorithm of the other kind of key", {"method": f"{MORE}{other}-sha256"}, "key_kind"),
        ("GOST without a provider", {"method": f"{gost}4102015-gostr34112015-512",
                                     "digest_method": f"{gost}4112015-512"}, "needs_provider"),
        ("GOST with SHA-256", {"method": f"{gost}4102015-gostr34112015-512"}, "digest_method"),
        ("c14n mixed", {"canonicalization": INCLUSIVE}, "canonicalization_mixed"),
        ("c14n mixed the other way", {"transforms": (transform(ENVELOPED), transform(INCLUSIVE)),
                                      "digested_as": INCLUSIVE}, "canonicalization_mixed"),
        ("c14n 1.1", {"canonicalization": "http://www.w3.org/2006/12/xml-c14n11"}, "canonicalization"),
        ("c14n with comments, of SignedInfo", {"canonicalization": f"{EXCLUSIVE}WithComments"}, "canonicalization"),
        ("inclusive prefixes of SignedInfo", {"canonicalization_inside":
            f'<p:InclusiveNamespaces xmlns:p="{EXCLUSIVE}" PrefixList="ds"/>'}, "algorithm_parameters"),
    ):  # fmt: skip
        yield Attack(name, forgery.but(**changes).sign(document), code)


def on_the_key(document: bytes, stage: Stage) -> Iterator[Attack]:
    """By others than the platform, with a signature that is right for their own key."""
    now, no_ca = stage.now, SIGNS[0]
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    constrained = stage.ca.issue("Deaf CA", now=now, extensions=(IS_CA[0], usage("crl_sign")))
    shallow = stage.ca.issue(
        "Shallow CA", now=now, extensions=(x509.BasicConstraints(ca=True, path_length=0), IS_CA[1])
    )
    self_signed = new_ca("platform", now=now)
    impostor = Party(stage.ca.key, stage.ca.certificate)  # the CA itself signs a document
    fake_ca = new_ca("Participants CA", now=now)  # the trusted CA's name, another key
    for name, party, code in (
        ("RSA-1024", stage.issue("weak", key=rsa_key(1024)), "key_weak"),
        ("P-384", stage.issue("p-384", key=ec.generate_private_key(ec.SECP384R1())), "key_weak"),
        ("for encryption only", stage.issue("x", extensions=(no_ca, usage("key_encipherment"))), "key_usage"),
        ("for certificates only", stage.issue("x", extensions=(no_ca, usage("key_cert_sign"))), "key_usage"),
        ("without a key usage", stage.issue("x", extensions=(no_ca,)), "key_usage"),
        ("a CA's own certificate", impostor, "key_usage"),
        (
            "a CA that may sign",
            stage.issue("x", extensions=(IS_CA[0], usage("digital_signature"))),
            "key_usage",
        ),
        ("expired", stage.issue("x", begins=-2 * DAY, ends=-HOUR), "certificate_expired"),
        ("not yet valid", stage.issue("x", begins=HOUR), "certificate_not_yet_valid"),
        (
            "an unknown critical extension",
            stage.issue("x", extensions=(*SIGNS, unknown)),
            "critical_extension",
        ),
        ("self-signed", self_signed.issue("platform", now=now, key=self_signed.key), "self_signed"),
        ("of an untrusted CA", stage.foreign_ca.issue("platform", now=now), "untrusted"),
        ("of an untrusted CA with the trusted one's name", fake_ca.issue("platform", now=now), "untrusted"),
        ("of an intermediate that nobody named", shallow.issue("x", now=now), "untrusted"),
        ("of an intermediate that may not issue", constrained.issue("x", now=now), "untrusted"),
        ("of a participant that issues", stage.bank.issue("platform", now=now), "untrusted"),
        ("revoked", stage.revoked, "revoked"),
        ("of a CA without a revocation list", stage.branch_ca.issue("x", now=now), "revocation_unknown"),
    ):
        yield Attack(f"by a certificate: {name}", Forgery(party).sign(document), code)
    late = timedelta(seconds=1) + DAY + HOUR
    yield Attack("when the revocation list is over", honest(document, stage), "revocation_stale", later=late)
    yield Attack("bound to nobody", Forgery(stage.nobody).sign(document), "unbound", 403)
    yield Attack("of another participant", Forgery(stage.bank).sign(document), "other_participant", 403)
    mallory = Party(p256(), stage.bank.certificate)
    key_info = Forgery(mallory).but(key_info=key_info_of(x509_data(certificate_base64(stage.bank))))
    yield Attack("with a certificate of somebody else", key_info.sign(document), "signature_mismatch")


def _root(root: etree._Element) -> etree._Element:
    return root


def _identified(root: etree._Element) -> etree._Element:
    return next(root.iterfind(".//*[@Id='part']"))
