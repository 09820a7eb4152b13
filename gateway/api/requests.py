"""What a call of our API was asked, read and checked before any handler sees it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import BaseModel, ValidationError

from certs.identity import common_name_of
from certs.tls import peer_certificate, peer_common_name
from gateway.api.call import WAIT_LARGEST_SECONDS, Call, Raw
from gateway.enrolment.terminals import REVOKED
from gateway.identifiers import is_payment_id
from gateway.problems import ProblemError

TERMINAL_HEADER: Final = "Tolem-Terminal"
_TERMINAL: Final = re.compile(r"[0-9A-Za-z]{1,8}")
_KEY: Final = re.compile(r"[!-~]{1,255}")
_WAIT: Final = re.compile(r"wait\s*=\s*\"?([0-9]{1,9})\"?")
_NO_BODY: Final = b""


@dataclass(frozen=True)
class Asked:
    """A request whose form is right. `content` is what makes it the same one again."""

    terminal: str
    payment_id: str
    key: str
    body: Any = field(repr=False)  # the call's model, its bytes if it takes them raw, or None
    content: bytes = field(repr=False)
    wait_seconds: float
    known_tag: str
    certificate: str  # the fingerprint of the caller's; empty over the Unix socket
    number: str = ""  # of a registry
    order_id: str = ""
    sale_id: str = ""


async def read(call: Call, request: web.Request) -> Asked:
    """Raises ProblemError, and aiohttp's own error for a body beyond the limit."""
    body = await _body(call, request)
    canonical = body.model_dump_json().encode() if isinstance(body, BaseModel) else body or _NO_BODY
    terminal = _terminal(request) if call.terminal else ""
    if request.match_info.get("terminal", terminal) != terminal:
        raise ProblemError("terminal_differs", "a terminal has its own registries only")
    return Asked(
        terminal=terminal,
        payment_id=_chosen_id("payment_id", request.match_info),
        key=_key(request) if call.keyed else "",
        body=body,
        content=f"{call.method} {request.path}\n".encode() + canonical,
        wait_seconds=_wait_seconds(request) if call.waits else 0.0,
        known_tag=request.headers.get("If-None-Match", "") if call.tagged else "",
        certificate=caller_of(request)[1],
        number=request.match_info.get("number", ""),
        order_id=_chosen_id("order_id", request.match_info),
        sale_id=_chosen_id("sale_id", request.match_info),
    )


def caller_of(request: web.Request) -> tuple[str, str]:
    """The CN and the fingerprint of the certificate that the caller showed; both empty if there is none."""
    certificate = peer_certificate(request.transport)
    if certificate is None:
        return "", ""
    return common_name_of(certificate) or "", certificate.fingerprint(SHA256()).hex()


def shutting_out(refuses: Callable[[str, str], bool]) -> Callable[[web.Request], None]:
    """Raises ProblemError for a caller whose certificate gets in no more: `refuses(terminal, fingerprint)`."""

    def admit(request: web.Request) -> None:
        terminal, fingerprint = caller_of(request)
        if fingerprint and refuses(terminal, fingerprint):
            raise ProblemError("terminal_revoked", REVOKED)

    return admit


def _terminal(request: web.Request) -> str:
    """The CN of the client's certificate; over the Unix socket, which only our own user can open, a header."""
    encrypted = request.transport is not None and request.transport.get_extra_info("ssl_object") is not None
    name = peer_common_name(request.transport) if encrypted else request.headers.get(TERMINAL_HEADER)
    if name is None or _TERMINAL.fullmatch(name) is None:
        where = "the certificate's CN" if encrypted else f"the header {TERMINAL_HEADER}"
        raise ProblemError("terminal_unidentified", f"{where} must be 1 to 8 letters and digits")
    return name


def _chosen_id(name: str, arguments: Mapping[str, str]) -> str:
    """An id that the terminal chose."""
    chosen = arguments.get(name, "")
    if name in arguments and not is_payment_id(chosen):
        raise ProblemError("malformed_request", f"{name} is a UUIDv7 in lower case")
    return chosen


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if _KEY.fullmatch(key) is None:
        raise ProblemError(
            "idempotency_key_missing", "send Idempotency-Key, 1 to 255 visible ASCII characters"
        )
    return key


def _wait_seconds(request: web.Request) -> float:
    """RFC 7240: a preference that cannot be read is ignored."""
    found = _WAIT.search(",".join(request.headers.getall("Prefer", [])))
    return 0.0 if found is None else float(min(int(found[1]), WAIT_LARGEST_SECONDS))


async def _body(call: Call, request: web.Request) -> BaseModel | bytes | None:
    if isinstance(call.request, Raw):
        return await _raw(call.request, request)
    content = await request.read()
    if call.request is None:
        if content.strip() not in {b"", b"{}"}:
            raise ProblemError("malformed_request", "this call has no body")
        return None
    if request.content_type != "application/json":
        raise ProblemError("unsupported_media_type", "send Content-Type: application/json")
    try:
        return call.request.model_validate(_parsed(content))
    except ValidationError as error:
        raise ProblemError(
            "malformed_request", "the body does not fit the contract", errors=_errors(error)
        ) from None


async def _raw(expected: Raw, request: web.Request) -> bytes:
    if request.content_type != expected.media_type:
        raise ProblemError("unsupported_media_type", f"send Content-Type: {expected.media_type}")
    content = bytearray()
    async for chunk in request.content.iter_any():
        content += chunk
        if len(content) > expected.largest_bytes:
            raise ProblemError("body_too_large", f"at most {expected.largest_bytes} bytes")
    return bytes(content)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_such_number
        )
    except (ValueError, RecursionError):
        raise ProblemError(
            "malformed_request", "the body is not JSON in UTF-8 with each member once"
        ) from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is repeated")
    return members


def _no_such_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _errors(error: ValidationError) -> list[dict[str, str]]:
    """Where and what, never the value, which may be card data."""
    return [
        {
            "path": ".".join(str(part) for part in fault["loc"]),
            "message": _message(fault["type"], fault["msg"]),
        }
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _message(kind: str, message: str) -> str:
    return message.removeprefix("Value error, ") if kind == "value_error" else message
