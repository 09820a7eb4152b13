"""Who may ask the page's port: whoever called it by its own name, from its own pages.

A web page from elsewhere in the same browser could reach the port too; Host and Origin tell it apart.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_FORM: Final = "application/x-www-form-urlencoded"
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("style", "img", "font")),
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}


def guard(origins: Callable[[], frozenset[str]] | None) -> Callable[..., Awaitable[web.StreamResponse]]:
    """`origins`: how a loopback port may be called, such as http://127.0.0.1:8095. None: over TLS, where a foreign
    name that points here has no certificate.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _from_here(request, None if origins is None else origins()):
            return web.Response(status=403, text="403: not from here", headers=HEADERS)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return check


def _from_here(request: web.Request, origins: frozenset[str] | None) -> bool:
    """Host is ours; Origin, where a browser sends one, is that very host; and whoever changes something shows it."""
    own = f"{'https' if origins is None else 'http'}://{request.host}"
    if origins is not None and own not in origins:
        return False
    origin = request.headers.get("Origin")
    if request.method in {"GET", "HEAD"}:
        return origin is None or origin == own
    return origin == own and request.content_type == _FORM
