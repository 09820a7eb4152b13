"""Who may ask the page's port: this machine, and the page that came from it (STYLE, loopback is no permission).

A web page from elsewhere in the same browser could reach a loopback port too; Host and Origin tell it apart.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_FORM: Final = "application/x-www-form-urlencoded"
_SAFE: Final = frozenset({"GET", "HEAD"})


def policy(framed_by: str | None) -> str:
    """The Content-Security-Policy: everything from here, nothing inline, no eval."""
    ancestors = framed_by or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect")),
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {ancestors}",
        )
    )


def headers(framed_by: str | None, *, referrer: str = "no-referrer") -> dict[str, str]:
    return {
        "Content-Security-Policy": policy(framed_by),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": referrer,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cache-Control": "no-store",
    }


def guard(
    origins: Callable[[], frozenset[str]], framed_by: str | None, *, referrer: str = "no-referrer"
) -> Callable[..., Awaitable[web.StreamResponse]]:
    """`origins`: how the page itself may call this port, such as http://127.0.0.1:8090.

    `referrer`: under "no-referrer" a browser says of a plain form that its origin is null; "same-origin" does not.
    """
    sent = headers(framed_by, referrer=referrer)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not allowed(request, origins()):
            return web.Response(status=403, text="403: not from here", headers=sent)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(sent)
            raise
        if not response.prepared:
            response.headers.update(sent)
        return response

    return check


def allowed(request: web.Request, origins: frozenset[str]) -> bool:
    """Host is ours; Origin, where a browser sends one, too; and whoever changes something shows it."""
    if f"http://{request.host}" not in origins:
        return False
    origin = request.headers.get("Origin")
    if request.method in _SAFE:
        return origin is None or origin in origins
    return origin in origins and request.content_type == _FORM
