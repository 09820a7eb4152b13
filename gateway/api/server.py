"""aiohttp around the table of calls: what is common to every request and every answer.

A handler gets an `Asked` and returns an `Answer`; it knows nothing of HTTP. Whatever else happens becomes a
problem document here.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from gateway import problems
from gateway.api.call import Call
from gateway.api.requests import Asked, read
from gateway.idempotency import Reply
from gateway.problems import ProblemError
from spool import CommitFailed, StoreClosed, StoreOverloaded

_log = logging.getLogger(__name__)
_JSON: Final = "application/json"
_RETRY_AFTER_SECONDS: Final = 5


@dataclass(frozen=True)
class Answer:
    body: bytes = field(repr=False)
    status: int = 200
    content_type: str = _JSON
    tag: str | None = None


Handler = Callable[[Asked], Awaitable[Answer]]


def answer_with(model: BaseModel, *, status: int = 200) -> Answer:
    return Answer(model.model_dump_json().encode(), status)


def answer_again(reply: Reply) -> Answer:
    """A stored answer, byte for byte."""
    return Answer(reply.body, reply.status, _JSON if reply.status < 400 else problems.CONTENT_TYPE)


def _let_in(_: web.Request) -> None:
    """Whoever the listener let in."""


def application(
    calls: Iterable[Call],
    handlers: Mapping[str, Handler],
    *,
    body_bytes: int,
    admit: Callable[[web.Request], None] = _let_in,
) -> web.Application:
    """The calls with their handlers by name, and nothing else. `admit` raises ProblemError for a caller."""
    app = web.Application(middlewares=[_problems], client_max_size=body_bytes)
    for call in calls:
        app.router.add_route(call.method, call.path, _endpoint(call, handlers[call.name], admit))
    return app


def _endpoint(
    call: Call, handler: Handler, admit: Callable[[web.Request], None]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def endpoint(request: web.Request) -> web.Response:
        admit(request)
        asked = await read(call, request)
        answer = await handler(asked)
        admit(request)  # who was shut out while waiting hears no more
        headers = {"Cache-Control": "no-store"} if answer.tag is None else {"ETag": answer.tag}
        if asked.wait_seconds:
            headers["Preference-Applied"] = f"wait={asked.wait_seconds:g}"
        if answer.tag is not None and answer.tag == asked.known_tag:
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=answer.body, status=answer.status, content_type=answer.content_type, headers=headers
        )

    return endpoint


@web.middleware
async def _problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except ProblemError as error:
        return _response(error)
    except web.HTTPException as error:
        return _response(_of_aiohttp(error), allow=error.headers.get("Allow"))
    except StoreClosed:
        return _response(ProblemError("stopping", "the gateway is stopping"))
    except (CommitFailed, StoreOverloaded) as error:
        _log.warning("api.store_unavailable", extra={"why": type(error).__name__})
        return _response(
            ProblemError(
                "store_unavailable",
                "the store cannot take a write now",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )
        )
    except Exception as error:  # noqa: BLE001 - the last resort of a request; its text may quote the request
        where = "".join(traceback.format_tb(error.__traceback__))
        _log.error("api.failed", extra={"path": request.path, "error": type(error).__name__, "where": where})
        return _response(ProblemError("internal_error", "the gateway failed; its log says where"))


_CODES_OF_STATUS: Final[Mapping[int, str]] = {
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def _of_aiohttp(error: web.HTTPException) -> ProblemError:
    code = _CODES_OF_STATUS.get(error.status, "malformed_request")
    return ProblemError(code, problems.KINDS[code].title)


def _response(error: ProblemError, *, allow: str | None = None) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if allow is not None:
        headers["Allow"] = allow
    return web.Response(
        body=error.document.model_dump_json().encode(),
        status=error.status,
        content_type=problems.CONTENT_TYPE,
        headers=headers,
    )
