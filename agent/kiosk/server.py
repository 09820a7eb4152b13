"""The page's port: the document, presses, what is being typed, and the stream that says "another screen"."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from agent.kiosk.attendant import Attendant
from agent.kiosk.guard import guard, headers
from agent.kiosk.presses import Press
from agent.kiosk.wording import Wording

LARGEST_BODY_BYTES: Final = 8 * 1024
BEAT_SECONDS: Final = 15.0  # a comment in the stream, so that both ends notice when it is dead
_HTML: Final = "text/html"
_STATIC: Final = Path(str(files("agent.kiosk") / "static"))

Picture = Callable[[], Awaitable[bytes | None]]


class Pages:
    """The handlers. `closing` ends the streams."""

    def __init__(
        self, attendant: Attendant, wording: Wording, picture: Picture, *, framed_by: str | None
    ) -> None:
        self._attendant = attendant
        self._wording = wording
        self._picture = picture
        self._framed_by = framed_by
        self.closing = asyncio.Event()

    def application(self, origins: Callable[[], frozenset[str]]) -> web.Application:
        app = web.Application(
            middlewares=[guard(origins, self._framed_by)], client_max_size=LARGEST_BODY_BYTES
        )
        app.router.add_get("/", self._page)
        app.router.add_get("/screen", self._screen)
        app.router.add_post("/press", self._press)
        app.router.add_post("/typed", self._typed)
        app.router.add_get("/events", self._events)
        app.router.add_get("/receipt.png", self._receipt)
        app.router.add_static("/static/", _STATIC)
        return app

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._wording.page(self._attendant.screen), content_type=_HTML)

    async def _screen(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._wording.screen(self._attendant.screen), content_type=_HTML)

    async def _press(self, request: web.Request) -> web.Response:
        form = await request.post()
        self._attendant.press(Press(*(str(form.get(name, "")) for name in ("action", "seq", "value"))))
        return await self._screen(request)

    async def _typed(self, request: web.Request) -> web.Response:
        form = await request.post()
        self._attendant.type(str(form.get("value", "")), str(form.get("seq", "")))
        return web.Response(status=204)

    async def _receipt(self, _request: web.Request) -> web.Response:
        """Of the payment on the screen."""
        picture = await self._picture()
        if picture is None:
            raise web.HTTPNotFound
        return web.Response(body=picture, content_type="image/png")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={**headers(self._framed_by), "Content-Type": "text/event-stream"})
        await stream.prepare(request)
        closing: asyncio.Future[Any] = asyncio.ensure_future(self.closing.wait())
        try:
            while not closing.done():
                seq = self._attendant.scene.seq
                await stream.write(_event(self._wording.screen(self._attendant.screen)))
                while not closing.done() and self._attendant.scene.seq == seq:
                    if not await self._another(seq, closing):
                        await stream.write(b": still here\n\n")
        except ConnectionResetError:
            pass  # the browser has gone; it asks again when it is back
        finally:
            closing.cancel()
        return stream

    async def _another(self, seq: str, closing: "asyncio.Future[Any]") -> bool:
        """Whether there is something to say before the next beat."""
        change = asyncio.ensure_future(self._attendant.change(seq))
        try:
            done, _ = await asyncio.wait(
                (change, closing), timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            change.cancel()
        return bool(done)


def _event(html: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"event: screen\nretry: 500\n{lines}\n".encode()
