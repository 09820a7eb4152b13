"""A terminal's first certificate: the key is made here and never leaves, the code proves who asks.

The gateway is verified as in every other connection, by `agent.ca`: there is no blind trust in whoever
answers. Everything may be cut off and run again with the same code: the request is kept beside the key, the
same request under the same code gets the same certificate.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from cryptography import x509

from certs.durable import FOR_ALL_TO_READ, put
from certs.errors import KeyDoesNotFitError, UnfitRequestError
from certs.identity import common_name_of
from certs.issued import own_first, read_issued
from certs.keys import KINDS, SigningKey, load_signing_key, write_new_key
from certs.pair import Pair
from certs.requests import Subject, new_request, read_request
from gateway.contract import Enrolled, EnrolmentRequest

_KEY_KIND: Final = "p-256"


class EnrollingGateway(Protocol):
    async def enrol(self, request: EnrolmentRequest, *, key: str) -> Enrolled: ...


async def enrol(pair: Pair, gateway: EnrollingGateway, *, terminal: str, code: str) -> datetime:
    """Ask for the certificate and put it in its place; until when it lasts.

    Raises Unreachable, Refusal, and CertError for an answer that is not ours.
    """
    request = request_for(pair, terminal)
    key = hashlib.sha256(f"{code}\n{request}".encode()).hexdigest()
    given = await gateway.enrol(EnrolmentRequest(terminal=terminal, code=code, request=request), key=key)
    private = load_signing_key(pair.requested_key)
    chain = own_first(read_issued(given.certificate.encode()), private)
    if common_name_of(chain[0]) != terminal:
        raise KeyDoesNotFitError(
            f"certificate for {terminal}",
            why=f"the gateway gave one for {common_name_of(chain[0])}",
            to_do="Compare node.id with the terminal that was invited.",
        )
    pair.stage(chain, private)
    pair.accept()
    return chain[0].not_valid_after_utc


def request_for(pair: Pair, terminal: str) -> str:
    """The request that waits for its certificate, or a new one for a new key."""
    kept = pair.certificate.with_name(f"{pair.certificate.name}.request")
    if not pair.requested_key.exists():
        write_new_key(pair.requested_key, KINDS[_KEY_KIND](), files=pair.files)
    key = load_signing_key(pair.requested_key)
    if not _asks_for(kept, terminal, key):
        put(kept, new_request(key, Subject(terminal)), mode=FOR_ALL_TO_READ, files=pair.files)
    return kept.read_text()


def _asks_for(kept: Path, terminal: str, key: SigningKey) -> bool:
    try:
        request: x509.CertificateSigningRequest = read_request(kept.read_bytes(), common_name=terminal)
    except (OSError, UnfitRequestError):
        return False
    return request.public_key() == key.public_key()
