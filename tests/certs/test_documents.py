"""Bytes that could be read in two ways are not read."""

import pytest

from certs.documents import DEEPEST_LEVEL, LARGEST_DOCUMENT_BYTES, parse
from certs.refusals import SignatureRefusedError


def code_of(body: bytes) -> str:
    with pytest.raises(SignatureRefusedError) as caught:
        parse(body)
    return caught.value.code


def test_a_document_at_every_limit_is_read() -> None:
    deep = b"<a>" * DEEPEST_LEVEL + b"</a>" * DEEPEST_LEVEL
    assert parse(deep).tag == "a"
    assert parse(b"<a>" + b"x" * (LARGEST_DOCUMENT_BYTES - 7) + b"</a>").tag == "a"


@pytest.mark.parametrize("declaration", [
    b"", b'<?xml version="1.0"?>', b"<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n", b"\xef\xbb\xbf",
])  # fmt: skip
def test_utf8_may_say_so(declaration: bytes) -> None:
    assert parse(declaration + "<a>Қ</a>".encode()).text == "Қ"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_wide_encoding_that_happens_to_be_utf8_hides_nothing(encoding: str) -> None:
    """Its bytes are valid UTF-8, and no search finds the comment; the parser must not guess."""
    assert code_of("<a>KZ<!-- -->86</a>".encode(encoding)) == "not_xml"


@pytest.mark.parametrize("declared", [b"latin-1", b"UTF-16", b"UTF-7"])
def test_another_declared_encoding_is_refused(declared: bytes) -> None:
    assert code_of(b'<?xml version="1.0" encoding="%s"?><a/>' % declared) == "not_utf8"


def test_where_it_broke_is_told_and_not_what_stood_there() -> None:
    with pytest.raises(SignatureRefusedError) as caught:
        parse(b"<a><secret></a>")
    assert "line 1" in str(caught.value)
    assert "secret" not in str(caught.value)
