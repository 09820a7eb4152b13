"""What of a served catalogue is signed, and as which bytes. Pure.

The signature stands in the catalogue beside what it covers, so both sides make the bytes anew: the signed
members alone, as JSON with sorted keys, no white space, UTF-8 (for texts and whole numbers, and there is
nothing else, these are the bytes of RFC 8785), behind a line that says what they are.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from certs.detached import Signature
from gateway.providers.product import Catalogue, CatalogueSignature

SIGNED: Final = ("version", "published_at", "effective_at", "groups", "providers", "products")
_FIRST_LINE: Final = b"tolem catalogue 1\n"

Document = Mapping[str, Any]


def document_of(catalogue: Catalogue, *, published_at: datetime, effective_at: datetime) -> Document:
    """The signed members of a version that is published now and comes into force later, or at once."""
    dated = catalogue.model_copy(update={"published_at": published_at, "effective_at": effective_at})
    whole = dated.model_dump(mode="json")
    return {name: whole[name] for name in SIGNED}


def signed_bytes(document: Document) -> bytes:
    """Raises KeyError or ValueError if `document` is no catalogue that could have been signed."""
    return _FIRST_LINE + compact({name: document[name] for name in SIGNED})


def compact(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def milliseconds(instant: datetime) -> datetime:
    """As finely as a store keeps it: what is signed must be what is stored."""
    return instant.astimezone(UTC).replace(microsecond=instant.microsecond // 1000 * 1000)


def written(signature: Signature) -> CatalogueSignature:
    return CatalogueSignature(key=signature.key, value=b64encode(signature.value).decode())


def read(signature: CatalogueSignature) -> Signature:
    return Signature(signature.key, b64decode(signature.value))
