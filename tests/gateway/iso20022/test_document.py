"""A document is read only when it can be read in one way; what is refused has its check's own code and status."""

import pytest
from lxml import etree

from gateway.iso20022 import document
from gateway.iso20022.document import DEEPEST_LEVEL, LARGEST_DOCUMENT_BYTES
from gateway.iso20022.errors import LONGEST_TEXT, DocumentError
from gateway.iso20022.messages import build
from tests.gateway.iso20022.samples import FULL_ORDER

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


def nested(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels


REFUSED = {
    "too large": (b"<a>" + b" " * LARGEST_DOCUMENT_BYTES + b"</a>", 413, "too_large"),
    "too large, and no XML": (b"<" * (LARGEST_DOCUMENT_BYTES + 1), 413, "too_large"),
    "nothing": (b"", 400, "not_xml"),
    "JSON": (b'{"MsgId": 1}', 400, "not_xml"),
    "a tag left open": (b"<a><b></a>", 400, "not_xml"),
    "two roots": (b"<a/><a/>", 400, "not_xml"),
    "a NUL": (b"<a>\x00</a>", 400, "not_xml"),
    "an entity of nobody": (b"<a>&xxe;</a>", 400, "not_xml"),
    "a prefix of nobody": (b"<p:a/>", 400, "not_xml"),
    "an attribute twice": (b"<a b='1' b='2'/>", 400, "not_xml"),
    "deeper than libxml2 goes": (nested(300), 400, "not_xml"),
    "deeper than we go": (nested(DEEPEST_LEVEL + 1), 400, "too_deep"),
    "Latin-1": ("<a>é</a>".encode("latin-1"), 400, "not_utf8"),
    "a surrogate": (b"<a>\xed\xa0\x80</a>", 400, "not_utf8"),
    "UTF-16": ("<a/>".encode("utf-16"), 400, "not_utf8"),
    "Latin-1 by its own word": (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 400, "not_utf8"),
    "UTF-7 by its own word": (b'<?xml version="1.0" encoding="UTF-7"?><a/>', 400, "not_utf8"),
    "XML 1.1": (b'<?xml version="1.1"?><a/>', 400, "not_utf8"),
    "a DTD": (b"<!DOCTYPE a><a/>", 400, "dtd"),
    "XXE": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 400, "dtd"),
    "an entity bomb": (
        DECLARATION + b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a c="&c;"/>',
        400,
        "dtd",
    ),
    "a comment": (b"<a>KZ86<!-- -->125</a>", 400, "comment"),
    "a comment behind the end": (b"<a/><!-- -->", 400, "comment"),
    "CDATA": (b"<a><![CDATA[x]]></a>", 400, "cdata"),
    "an instruction": (b"<a><?php x ?></a>", 400, "processing_instruction"),
    "a style sheet": (DECLARATION + b"<?xml-stylesheet href='x'?><a/>", 400, "processing_instruction"),
    "a declaration behind a space": (b" " + DECLARATION + b"<a/>", 400, "processing_instruction"),
}
READ = {
    "no declaration": b"<a/>",
    "a declaration": DECLARATION + b"\n<a/>\n",
    "a declaration in single quotes": b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?><a/>",
    "a byte order mark": b"\xef\xbb\xbf" + DECLARATION + b"<a/>",
    "the five entities": b"<a>&lt;!--&amp;&gt;&quot;&apos;</a>",
    "what looks like a comment, in an entity": b"<a b='&lt;![CDATA['/>",
    "as large as can be": b"<a>" + b" " * (LARGEST_DOCUMENT_BYTES - 7) + b"</a>",
    "as deep as can be": nested(DEEPEST_LEVEL),
}


@pytest.mark.parametrize(("body", "http_status", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_could_be_read_in_two_ways_is_not_read_at_all(body, http_status, code):
    with pytest.raises(DocumentError) as refused:
        document.parse(body)
    assert (refused.value.http_status, refused.value.code) == (http_status, code)
    assert len(str(refused.value)) <= LONGEST_TEXT


@pytest.mark.parametrize("body", READ.values(), ids=READ.keys())
def test_what_can_be_read_in_one_way_is_read(body):
    assert document.parse(body).tag == "a"


def test_a_refusal_quotes_nothing():
    with pytest.raises(DocumentError) as refused:
        document.parse("<ҚҰПИЯ><a></ҚҰПИЯ>".encode())
    assert "ҚҰПИЯ" not in str(refused.value)


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/xml", "text/xml", "TEXT/XML", "application/xml; charset=utf-8"),
        *('text/xml;charset="UTF-8"', "application/xml ; charset = utf-8 ; x=y", "text/xml;"),
    ],
)
def test_xml_in_utf_8_is_taken(content_type):
    document.check_media_type(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        *(None, "", "application/json", "application/xmlx", "application/soap+xml", "xml"),
        *("application/xml; charset=windows-1251", "text/xml; charset=utf-16", "text/xml; charset=utf-8x"),
        *('text/xml; charset="utf-8', "text/xml; charset=utf-8; charset=koi8-r", "text/xml; charset="),
    ],
)
def test_any_other_media_type_or_charset_is_415(content_type):
    with pytest.raises(DocumentError) as refused:
        document.check_media_type(content_type)
    assert (refused.value.http_status, refused.value.code) == (415, "media_type")


def test_a_body_is_refused_by_its_announced_length_alone():
    document.check_size(LARGEST_DOCUMENT_BYTES)
    with pytest.raises(DocumentError):
        document.check_size(LARGEST_DOCUMENT_BYTES + 1)


def test_what_is_written_is_read_as_it_was():
    root = build(FULL_ORDER)
    again = document.parse(document.serialise(root))
    assert etree.tostring(again, method="c14n") == etree.tostring(root, method="c14n")
