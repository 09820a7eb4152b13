"""The corpus of attacks on signed documents: each has one thing wrong, and names the code that must answer it.

`attacks(document, stage)` builds it for any document of the wire, so that an endpoint can be sent the same.
Where not said otherwise the platform of the stage signs.
"""

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from tests.certs.attacks_on_the_claim import on_the_algorithms, on_the_form, on_the_key, on_the_key_info
from tests.certs.forgery import (
    DS,
    Attack,
    Forgery,
    certificate_base64,
    honest,
    key_info_of,
    place_last,
    x509_data,
)
from tests.certs.signing_parties import Stage, new_ca, p256, rsa_key

__all__ = ["Attack", "attacks", "honest"]


def attacks(document: bytes, stage: Stage) -> Iterator[Attack]:
    """`document`: unsigned, `<Document xmlns=…>` without prefixes, with an element of the stage's `leaf` in it."""
    by_claim = (on_the_form, on_the_key_info, on_the_algorithms, on_the_key)
    for group in (on_the_bytes, on_the_place, *by_claim, on_the_content):
        yield from group(document, stage)


def on_the_bytes(document: bytes, stage: Stage) -> Iterator[Attack]:
    signed = honest(document, stage)
    at = signed.index(b"<Document")
    declaration, rest = signed[:at], signed[at:]
    iban = signed.index(stage.opened()) + len(stage.opened()) + 4

    def inserted(text: bytes, where: int = iban) -> bytes:
        return signed[:where] + text + signed[where:]

    xxe = b'<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    deep = signed.replace(b"</Document>", b"<a>" * 41 + b"</a>" * 41 + b"</Document>")
    yield Attack("a comment in an IBAN", inserted(b"<!-- -->"), "comment", 400)
    yield Attack("a comment after the root", signed + b"<!-- -->", "comment", 400)
    yield Attack("CDATA in an IBAN", inserted(b"<![CDATA[]]>"), "cdata", 400)
    yield Attack("a processing instruction", inserted(b"<?x y?>"), "processing_instruction", 400)
    yield Attack(
        "an external entity",
        declaration + xxe + rest.replace(stage.closed, b"&x;" + stage.closed, 1),
        "dtd",
        400,
    )
    bomb = b'<!DOCTYPE Document [<!ENTITY a0 "ha">' + laughs + b"]>"
    yield Attack(
        "an entity bomb",
        declaration + bomb + rest.replace(stage.closed, b"&a9;" + stage.closed, 1),
        "dtd",
        400,
    )
    yield Attack(
        "a DTD that gives default attributes", declaration + b"<!DOCTYPE Document>" + rest, "dtd", 400
    )
    yield Attack("an entity of nobody", inserted(b"&x;"), "not_xml", 400)
    yield Attack("41 levels", deep, "too_deep", 400)
    yield Attack("a thousand levels", deep.replace(b"<a>", b"<a>" * 99), "not_xml", 400)
    yield Attack("64 KiB and a byte", signed + b" " * (64 * 1024 + 1 - len(signed)), "too_large", 413)
    yield Attack("another encoding", b'<?xml version="1.0" encoding="ISO-8859-1"?>' + rest, "not_utf8", 400)
    yield Attack("UTF-16", rest.decode().encode("utf-16"), "not_utf8", 400)
    yield Attack("an overlong sequence", inserted(b"\xc0\xbc"), "not_utf8", 400)
    yield Attack("cut off", signed[:-5], "not_xml", 400)
    yield Attack("two roots", signed + b"<Document/>", "not_xml", 400)
    yield Attack("nothing", b"", "not_xml", 400)


def on_the_place(document: bytes, stage: Stage) -> Iterator[Attack]:
    signed, forgery = honest(document, stage), Forgery(stage.platform)
    bare = signed[signed.index(b"<Document") :]
    begins, ends = signed.index(b"<ds:Signature"), signed.index(b"</ds:Signature>") + len(b"</ds:Signature>")
    signature = signed[begins:ends]
    evil = document.replace(stage.closed, b"0" + stage.closed, 1)
    namespace = etree.fromstring(document).nsmap[None] or ""

    def first(body: bytes, signature: bytes) -> bytes:
        at = body.index(b">", body.index(b"<Document")) + 1
        return body[:at] + signature + body[at:]

    def nested(body: bytes, signature: bytes) -> bytes:
        return place_last(body, b"<SplmtryData>" + signature + b"</SplmtryData>")

    yield Attack("no signature", document, "signature_missing")
    other = signature.replace(DS.encode(), b"http://www.w3.org/2000/10/xmldsig#")
    yield Attack("a signature of another namespace", place_last(document, other), "signature_missing")
    yield Attack("signed twice", forgery.sign(signed), "signature_repeated")
    yield Attack("the same signature twice", place_last(signed, signature), "signature_repeated")
    yield Attack("the signature first", forgery.but(place=first).sign(document), "signature_not_last")
    yield Attack(
        "an element after the signature", place_last(signed, b"<SplmtryData/>"), "signature_not_last"
    )
    yield Attack("the signature deeper", forgery.but(place=nested).sign(document), "signature_nested")
    envelope = b'<Envelope xmlns="%s">%s</Envelope>'
    yield Attack("a signed document in an envelope", envelope % (namespace.encode(), bare), "not_a_document")
    yield Attack("wrapped by position", place_last(evil, b"<Old>" + bare + b"</Old>"), "signature_nested")
    whole = document.replace(b"<Document", b'<Document Id="signed"', 1)
    by_id = forgery.but(reference='URI="#signed"').sign(whole)
    old = by_id[by_id.index(b"<Document") : by_id.index(b"<ds:Signature")] + b"</Document>"
    moved = by_id[by_id.index(b"<ds:Signature") : by_id.rindex(b"</Document>")]
    wrapped = place_last(place_last(evil, b"<Old>" + old + b"</Old>"), moved)
    yield Attack("wrapped by Id", wrapped, "reference_partial")
    in_object = moved.replace(b"</ds:Signature>", b"<ds:Object>" + old + b"</ds:Object></ds:Signature>")
    yield Attack("wrapped by Id into an Object", place_last(evil, in_object), "signature_content")
    twice = document.replace(stage.opened(), stage.opened('Id="a"'))
    twice = twice if twice.count(b'Id="a"') > 1 else twice.replace(b"<Document", b'<Document ID="a"', 1)
    yield Attack("two elements of one Id", forgery.sign(twice), "duplicate_id")
    yield Attack("an Id of the signature's own", forgery.but(attributes=' Id="a"').sign(
        document.replace(stage.opened(), stage.opened('Id="a"'), 1)), "duplicate_id")  # fmt: skip


def on_the_content(document: bytes, stage: Stage) -> Iterator[Attack]:
    signed = honest(document, stage)
    forgery = Forgery(stage.platform)
    yield Attack("another IBAN", signed.replace(stage.closed, b"0" + stage.closed, 1), "digest_mismatch")
    yield Attack("a blank more", signed.replace(stage.opened(), b"\n" + stage.opened(), 1), "digest_mismatch")
    yield Attack("reformatted", _reformatted(signed), "signature_mismatch")
    yield Attack("the document reformatted", _reindented(signed), "digest_mismatch")
    yield Attack(
        "an attribute more", signed.replace(stage.opened(), stage.opened('a="b"'), 1), "digest_mismatch"
    )
    yield Attack("another namespace", _renamed(signed, document), "digest_mismatch")
    lie = forgery.sign(document.replace(stage.closed, b"0" + stage.closed, 1))
    swapped = place_last(document, lie[lie.index(b"<ds:Signature") : lie.rindex(b"</Document>")])
    yield Attack("a signature of another document", swapped, "digest_mismatch")
    for name, change, code in (
        ("a SignatureValue cut off", lambda value: value[:-1], "signature_length"),
        ("a SignatureValue with a byte more", lambda value: value + b"\0", "signature_length"),
        ("a SignatureValue of zeros", lambda value: bytes(len(value)), "signature_mismatch"),
        (
            "a SignatureValue with another bit",
            lambda value: bytes([value[0] ^ 1]) + value[1:],
            "signature_mismatch",
        ),
    ):
        yield Attack(name, forgery.but(value=change).sign(document), code)
    other = new_ca("platform", now=stage.now, key=_same_kind(stage))
    theirs = key_info_of(x509_data(certificate_base64(stage.issue("platform", key=other.key))))
    yield Attack("KeyInfo swapped", forgery.but(key_info=theirs).sign(document), "signature_mismatch")


def _same_kind(stage: Stage):
    return p256() if isinstance(stage.platform.key, ec.EllipticCurvePrivateKey) else rsa_key()


def _reformatted(signed: bytes) -> bytes:
    root = etree.fromstring(signed)
    etree.indent(root)
    return etree.tostring(root)


def _reindented(signed: bytes) -> bytes:
    root = etree.fromstring(signed)
    root.text = "\n" + (root.text or "")
    return etree.tostring(root)


def _renamed(signed: bytes, document: bytes) -> bytes:
    namespace = (etree.fromstring(document).nsmap[None] or "").encode()
    return signed.replace(namespace, namespace + b"x", 1)
