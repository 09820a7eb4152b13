"""What the headers of a daily registry promise, read strictly."""

import base64
import hashlib

import pytest

from gateway.reconciliation.download import digest_of

SHA256 = hashlib.sha256(b"H;1")
GOOD = base64.b64encode(SHA256.digest()).decode()


@pytest.mark.parametrize("header", [f"sha-256=:{GOOD}:", f"sha-512=:AAAA:, sha-256=:{GOOD}:"])
def test_the_digest_of_rfc_9530_is_found_among_others(header) -> None:
    assert digest_of(header) == SHA256.hexdigest()


@pytest.mark.parametrize(
    "header", ["", "sha-256=::", "sha-256=:AAAA:", f"sha-256={GOOD}", f"sha-512=:{GOOD}:"]
)
def test_what_is_no_sha_256_promises_nothing(header) -> None:
    assert digest_of(header) is None
