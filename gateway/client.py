"""The gateway's API as a terminal calls it: over a Unix socket, or over mutual TLS.

    GatewayClientError
     ├─ Unreachable   no answer that can be read: whether the request was carried out is unknown
     └─ Refusal       the gateway answered with a problem document

aiohttp repeats a PUT by itself when its connection drops, kept alive or not. Ours goes on a connection of
its own, and what the drop raises is taken out of aiohttp's sight, so that it leaves once.
"""

import asyncio
import json
import math
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

import aiohttp
from pydantic import BaseModel, TypeAdapter, ValidationError

from certs.causes import TlsFault, tls_fault
from gateway.api.call import WAIT_LARGEST_SECONDS
from gateway.api.requests import TERMINAL_HEADER
from gateway.contract import (
    CheckRefused,
    CheckRequest,
    Enrolled,
    EnrolmentRequest,
    Events,
    EventsTaken,
    NeverReceived,
    Offer,
    PaymentRequest,
    PaymentView,
    Problem,
    Readiness,
    RegistryTaken,
    RenewalRequest,
)
from gateway.registry.layout import MEDIA_TYPE
from gateway.transfer_client import TransferClient

_CHECKED: Final[TypeAdapter[Offer | CheckRefused]] = TypeAdapter(Offer | CheckRefused)
_RESOLVED: Final[TypeAdapter[PaymentView | NeverReceived]] = TypeAdapter(PaymentView | NeverReceived)
_VIEW: Final = TypeAdapter(PaymentView)
_READINESS: Final = TypeAdapter(Readiness)
_ENROLLED: Final = TypeAdapter(Enrolled)
_TAKEN: Final = TypeAdapter(EventsTaken)
_REGISTRY: Final = TypeAdapter(RegistryTaken)
_LARGEST_ANSWER_BYTES: Final = 16 * 1024 * 1024
T = TypeVar("T")


class GatewayClientError(Exception):
    pass


class Unreachable(GatewayClientError):  # noqa: N818 - the name says what is so, as its callers read it
    """No answer: the request may have been carried out, or may yet be. `fault`: a certificate's, if it was one."""

    def __init__(self, told: str, fault: TlsFault | None = None) -> None:
        super().__init__(told)
        self.fault = fault


class Refusal(GatewayClientError):  # noqa: N818 - as above
    """The gateway answered with a problem. After a PUT, ask `resolve` before the payment is called off."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.detail}")
        self.problem = problem


@dataclass(frozen=True)
class ClientTimers:
    """`answer_seconds` is for an answer from its request on; a call that waits has its wait on top."""

    connect_seconds: float = 5.0
    answer_seconds: float = 20.0


@dataclass(frozen=True)
class CatalogueCopy:
    """The catalogue as it came, and the tag that names this version."""

    content: bytes
    tag: str


class GatewayClient:
    """Made inside a running loop; `close` it there. Every call may raise Unreachable or Refusal."""

    def __init__(  # noqa: PLR0913 - where, as whom, how long, and what of the world is injected
        self,
        base_url: str,
        new_connector: Callable[[bool], aiohttp.BaseConnector],
        *,
        headers: Mapping[str, str],
        random_bytes: Callable[[int], bytes],
        timers: ClientTimers,
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """`new_connector(force_close)`; see `over_socket` and `over_tls`."""
        self._tls = tls
        self._base_url = base_url.rstrip("/")
        self._random_bytes = random_bytes
        self._timers = timers
        self._session = self._new_session(new_connector(False), headers)
        self._put_session = self._new_session(new_connector(True), headers, _never_twice)
        self.transfers: Final = TransferClient(self._call, random_bytes)

    @classmethod
    def over_socket(
        cls,
        path: Path,
        *,
        terminal: str,
        random_bytes: Callable[[int], bytes],
        timers: ClientTimers = ClientTimers(),
    ) -> Self:
        """To a gateway on this machine, which believes us who we are."""
        return cls(
            "http://gateway",
            lambda force_close: aiohttp.UnixConnector(str(path), force_close=force_close),
            headers={TERMINAL_HEADER: terminal},
            random_bytes=random_bytes,
            timers=timers,
        )

    @classmethod
    def over_tls(
        cls,
        url: str,
        tls: ssl.SSLContext | Callable[[], ssl.SSLContext],
        *,
        random_bytes: Callable[[int], bytes],
        timers: ClientTimers = ClientTimers(),
    ) -> Self:
        """To a gateway elsewhere, which reads our name in the client certificate; `tls()` is asked at each call."""
        return cls(
            url,
            lambda force_close: aiohttp.TCPConnector(force_close=force_close),
            headers={},
            random_bytes=random_bytes,
            timers=timers,
            tls=tls if callable(tls) else lambda: tls,
        )

    async def catalogue(self, tag: str | None = None) -> CatalogueCopy | None:
        """The catalogue; None if the copy that `tag` names is still the one."""
        headers = {} if tag is None else {"If-None-Match": tag}
        status, content, answered = await self._send("GET", "/v1/catalogue", headers=headers)
        return None if status == 304 else CatalogueCopy(content, answered.get("ETag", ""))

    async def check(self, request: CheckRequest, *, key: str) -> Offer | CheckRefused:
        return await self._call(_CHECKED, "POST", "/v1/checks", request, key=key)

    async def put(
        self, payment_id: str, request: PaymentRequest, *, wait_seconds: float = 0.0
    ) -> PaymentView:
        """Pay. Returns the outcome, or the payment in progress when `wait_seconds` are over."""
        return await self._call(
            _VIEW, "PUT", f"/v1/payments/{payment_id}", request, wait_seconds=wait_seconds
        )

    async def get(self, payment_id: str, *, wait_seconds: float = 0.0) -> PaymentView:
        """The payment now; with `wait_seconds`, after its next move unless it has ended."""
        return await self._call(_VIEW, "GET", f"/v1/payments/{payment_id}", wait_seconds=wait_seconds)

    async def resolve(self, payment_id: str) -> PaymentView | NeverReceived:
        """What became of a PUT whose answer was lost. Each call asks anew."""
        key = self._random_bytes(16).hex()
        return await self._call(_RESOLVED, "POST", f"/v1/payments/{payment_id}/resolve", key=key)

    async def events(self, events: Events, *, key: str) -> EventsTaken:
        return await self._call(_TAKEN, "POST", "/v1/events", events, key=key)

    async def put_registry(self, terminal: str, number: str, content: bytes) -> RegistryTaken:
        """This terminal's registry; the same bytes again get the same answer."""
        return await self._call(_REGISTRY, "PUT", f"/v1/registries/{terminal}/{number}", content)

    async def enrol(self, request: EnrolmentRequest, *, key: str) -> Enrolled:
        """At the enrolment listener, without a certificate. The same key and request: the same answer."""
        return await self._call(_ENROLLED, "POST", "/v1/enrolments", request, key=key)

    async def renew_certificate(self, request: RenewalRequest) -> Enrolled:
        key = self._random_bytes(16).hex()
        return await self._call(_ENROLLED, "POST", "/v1/certificates", request, key=key)

    async def readiness(self) -> Readiness:
        return await self._call(_READINESS, "GET", "/v1/readiness")

    async def close(self) -> None:
        await self._session.close()
        await self._put_session.close()

    async def _call(  # noqa: PLR0913 - a call is all of these
        self,
        answer: TypeAdapter[T],
        method: str,
        path: str,
        body: BaseModel | bytes | None = None,
        *,
        key: str | None = None,
        wait_seconds: float = 0.0,
    ) -> T:
        wait = min(int(wait_seconds), WAIT_LARGEST_SECONDS)
        headers = {} if key is None else {"Idempotency-Key": key}
        headers |= {"Prefer": f"wait={wait}"} if wait > 0 else {}
        _, content, _ = await self._send(method, path, body=body, headers=headers, wait_seconds=wait)
        try:
            return answer.validate_json(content)
        except ValidationError:
            raise Unreachable("the gateway's answer does not fit the contract") from None

    async def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: BaseModel | bytes | None = None,
        wait_seconds: float = 0.0,
    ) -> tuple[int, bytes, Mapping[str, str]]:
        session = self._put_session if method == "PUT" else self._session
        data, typed = _written(body)
        try:
            async with (
                asyncio.timeout(self._timers.answer_seconds + wait_seconds),
                session.request(
                    method,
                    self._base_url + path,
                    data=data,
                    headers={**headers, **typed},
                    allow_redirects=False,
                    ssl=True if self._tls is None else self._tls(),
                ) as response,
            ):
                content = await _read_capped(response)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(_described(error), tls_fault(error)) from error
        if response.status >= 400:
            raise _refusal(response.status, content)
        return response.status, content, response.headers

    def _new_session(
        self,
        connector: aiohttp.BaseConnector,
        headers: Mapping[str, str],
        *middlewares: aiohttp.ClientMiddlewareType,
    ) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            middlewares=middlewares,
            timeout=aiohttp.ClientTimeout(connect=self._timers.connect_seconds, ceil_threshold=math.inf),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "tolem", **headers},
        )


async def _never_twice(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Turn what aiohttp would take as its cue to repeat into what it lets through."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Unreachable(_described(error), tls_fault(error)) from error


async def _read_capped(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _LARGEST_ANSWER_BYTES:
            raise Unreachable("the gateway's answer is too large")
    return bytes(body)


def _written(body: BaseModel | bytes | None) -> tuple[bytes | None, Mapping[str, str]]:
    """The bytes of a body, and its header. What comes as bytes is a registry."""
    if not isinstance(body, BaseModel):
        return body, {} if body is None else {"Content-Type": f"{MEDIA_TYPE}; charset=utf-8"}
    return body.model_dump_json(exclude_none=True).encode(), {"Content-Type": "application/json"}


def _refusal(status: int, content: bytes) -> GatewayClientError:
    """A problem document; anything else came from something between us, and says nothing of the payment."""
    try:
        return Refusal(Problem.model_validate(json.loads(content)))
    except (ValueError, ValidationError):
        return Unreachable(f"HTTP {status} without a problem document")


def _described(error: Exception) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
