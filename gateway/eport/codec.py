"""The port to a wire form of e-port (PROTOCOLS §2.1, §2.2): another contract may bring another codec.

The stored message is the codec's own bytes: for `xml` the body, for a codec of query strings the query.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from gateway.eport import messages
from gateway.eport.messages import Answer, Request
from gateway.eport.operations import Operation


@dataclass(frozen=True)
class HttpCall:
    """How a stored message goes over HTTP; `path` is appended to the base URL."""

    method: str
    path: str
    content_type: str
    body: bytes


class Codec(Protocol):
    def build(self, request: Request) -> bytes:
        """The message's bytes; raises `UnsendableRequestError`."""

    def http_call(self, operation: Operation, message: bytes) -> HttpCall: ...

    def parse_answer(self, body: bytes, *, operation: Operation, txn_id: str) -> Answer:
        """Raises `MalformedAnswerError`, and nothing else."""


class XmlCodec:
    def build(self, request: Request) -> bytes:
        return messages.build(request)

    def http_call(self, operation: Operation, message: bytes) -> HttpCall:
        return HttpCall("POST", f"/{operation}", "application/xml; charset=utf-8", message)

    def parse_answer(self, body: bytes, *, operation: Operation, txn_id: str) -> Answer:
        return messages.parse_answer(body, operation=operation, txn_id=txn_id)


XML: Final = XmlCodec()
