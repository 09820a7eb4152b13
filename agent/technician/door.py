"""Who is let in to the service page, and what each request of theirs must show.

A page is for whoever has the session's cookie; a form carries the session's second token too.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from agent.technician.desk import Desk
from agent.technician.pin_file import Attempt, PinFile, Tried
from agent.technician.sessions import Session, Sessions
from agent.technician.wording import Wording
from agent.texts import Language
from agent.texts import technician as words

COOKIE: Final = "tolem_service"

Acting = Callable[[Session, Mapping[str, str]], Awaitable[web.StreamResponse]]
Seeing = Callable[[Session], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    def __init__(self, desk: Desk, wording: Wording, pin: PinFile, sessions: Sessions) -> None:
        self._desk = desk
        self._wording = wording
        self._pin = pin
        self._sessions = sessions

    def seeing(self, page: Seeing) -> Handler:
        """For a page that a person asks for."""

        async def handle(request: web.Request) -> web.StreamResponse:
            session = self._session(request, touch=True)
            return to("/login") if session is None else await page(session)

        return handle

    def looking_again(self, page: Seeing) -> Handler:
        """For a fragment that looks again by itself: that is nobody's doing, and keeps nobody logged in."""

        async def handle(request: web.Request) -> web.StreamResponse:
            session = self._session(request, touch=False)
            return to("/login", htmx=True) if session is None else await page(session)

        return handle

    def acting(self, act: Acting) -> Handler:
        """For a form."""

        async def handle(request: web.Request) -> web.StreamResponse:
            session = self._session(request, touch=True)
            if session is None:
                return to("/login")
            form = {name: str(value) for name, value in (await request.post()).items()}
            if not session.sent(form.get("token", "")):
                session.told = words.WORDS["old_page"].to(session.language)
                return to("/")
            return await act(session, form)

        return handle

    async def login_page(self, request: web.Request) -> web.StreamResponse:
        return self._form(self._asked_language(request), None)

    async def login(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        language = self._asked_language(request)
        attempt = await self._pin.attempt(str(form.get("pin", "")))
        locked = {"locked_seconds": int(attempt.locked_seconds)}
        await self._desk.note(f"service.{_JOURNAL[attempt.tried]}", locked)
        if attempt.tried is not Tried.RIGHT:
            return self._form(language, attempt, status=403)
        session = self._sessions.begin(language)
        response = to("/")
        response.set_cookie(COOKIE, session.token, httponly=True, samesite="Strict", path="/")
        return response

    async def logout(self, _session: Session, _form: Mapping[str, str]) -> web.StreamResponse:
        """The terminal goes back to its customers, too."""
        self._sessions.end()
        await self._desk.maintenance.leave()
        await self._desk.note("service.logged_out", {})
        response = to("/login")
        response.del_cookie(COOKIE, path="/")
        return response

    def _session(self, request: web.Request, *, touch: bool) -> Session | None:
        session = self._sessions.find(request.cookies.get(COOKIE, ""), touch=touch)
        if session is not None and touch:
            self._desk.maintenance.touch()
        return session

    def _form(self, language: Language, attempt: Attempt | None, *, status: int = 200) -> web.StreamResponse:
        html = self._wording.render("login", language, desk=self._desk, attempt=attempt, session=None)
        return web.Response(text=html, content_type="text/html", status=status)

    def _asked_language(self, request: web.Request) -> Language:
        asked = request.query.get("language")
        return next((it for it in self._desk.languages if it == asked), self._desk.languages[0])


_JOURNAL: Final[Mapping[Tried, str]] = {
    Tried.RIGHT: "logged_in",
    Tried.WRONG: "pin_wrong",
    Tried.LOCKED: "pin_locked",
    Tried.NO_PIN: "no_pin",
}


def to(path: str, *, htmx: bool = False) -> web.Response:
    """Go there. A fragment's place cannot be filled with a page, so htmx is told to go itself."""
    if htmx:
        return web.Response(status=204, headers={"HX-Redirect": path})
    return web.Response(status=303, headers={"Location": path})
