"""The page of a demo: one HTML document, a stream of what is seen, and addresses for what is done.

Loopback only. A request must name this server as its Host, and one that does something must come from the
page's own origin as JSON, so that no other site open in the same browser can press anything here.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.demo.panel.ailments import AILMENTS
from agent.demo.panel.board import Board
from agent.demo.panel.doings import Doings, NoSuchTroubleError
from agent.demo.panel.following import follow
from agent.demo.panel.troubles import PLACES, TROUBLES
from agent.demo.stage import Stage
from agent.sample_transfers import LINK_HOST
from devices.emulators.wallet import KINDS
from gateway.sandbox.subscribers import SPECIAL
from spool import ControlError

log = logging.getLogger(__name__)
HOST: Final = "127.0.0.1"
_STATIC: Final = Path(str(files("agent.demo.panel") / "static"))
_LARGEST_BODY: Final = 4096
_SHUTDOWN_SECONDS: Final = 0.5
CODES: Final = {
    "A bill’s barcode": "0117204817365800152300",  # of samal-internet, as demo.toml says
    "A payment link": f"https://{LINK_HOST}/TLM20261122demoLink12345",
}
"""What lies beside the scanner."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Shown:
    """What the page says of the stage it belongs to."""

    kiosk_url: str
    folder: Path


class PanelServer:
    """Serves one stage's page between `start` and `close`."""

    def __init__(self, shown: Shown, doings: Doings, board: Board, *, port: int) -> None:
        self._shown = shown
        self._doings = doings
        self._board = board
        self._port = port
        self._runner: web.AppRunner | None = None
        self._page = Environment(
            loader=PackageLoader("agent.demo.panel"), autoescape=True, undefined=StrictUndefined
        ).get_template("panel.html")

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    async def start(self) -> None:
        app = web.Application(middlewares=[self._guard], client_max_size=_LARGEST_BODY)
        app.router.add_get("/", self._index)
        app.router.add_get("/live", self._live)
        app.router.add_get(r"/receipt/{number:\d{1,6}}.png", self._receipt)
        app.router.add_post("/do/{doing}", self._do)
        app.router.add_static("/static", _STATIC)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Host") != f"{HOST}:{self._port}":
            raise web.HTTPForbidden(text="another host's name")
        if request.method == "POST" and (
            request.headers.get("Origin") != self.url or request.content_type != "application/json"
        ):
            raise web.HTTPForbidden(text="only the page itself may do this")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(self._headers())
        return response

    def _headers(self) -> dict[str, str]:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
            f" frame-src {self._shown.kiosk_url}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    async def _index(self, _: web.Request) -> web.StreamResponse:
        text = self._page.render(
            kiosk_url=self._shown.kiosk_url,
            folder=self._shown.folder,
            cards=KINDS,
            places=PLACES,
            troubles=TROUBLES,
            ailments=AILMENTS,
            codes=CODES,
            special=SPECIAL,
        )
        return web.Response(text=text, content_type="text/html")

    async def _live(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**self._headers(), "Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            async for topic, word in self._board.watch():
                data = json.dumps(word, ensure_ascii=False)
                await response.write(f"event: {topic}\ndata: {data}\n\n".encode())
        except ConnectionError:
            log.debug("panel.reader_gone")
        return response

    async def _receipt(self, request: web.Request) -> web.StreamResponse:
        try:
            picture = await self._doings.receipt(int(request.match_info["number"]))
        except ControlError as error:
            raise web.HTTPNotFound(text=str(error)) from None
        return web.Response(body=picture, content_type="image/png")

    async def _do(self, request: web.Request) -> web.StreamResponse:
        doing = self._doings.table().get(request.match_info["doing"])
        if doing is None:
            raise web.HTTPNotFound
        try:
            body = await request.json()
            await doing(body)
        except (ValueError, KeyError, TypeError, NoSuchTroubleError) as error:
            raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}") from None
        except (ControlError, aiohttp.ClientError) as error:
            raise web.HTTPConflict(text=str(error)) from None
        return web.Response(status=204)


@asynccontextmanager
async def open_panel(stage: Stage, *, kiosk_url: str, port: int) -> AsyncIterator[str]:
    """The page of this stage, during the block; its address."""
    board = Board()
    server = PanelServer(Shown(kiosk_url, stage.folder), Doings(stage, board), board, port=port)
    following = asyncio.create_task(follow(stage, board))
    try:
        await server.start()
        yield server.url
    finally:
        await server.close()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
