"""Who is let in, and what each request of theirs must show: the session's cookie; a form, its second token too."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from gateway.office.passwords import Passwords, Tried
from gateway.office.sessions import Session, Sessions
from gateway.office.wording import Wording
from gateway.office.words import LANGUAGES, WORDS, Language

log = logging.getLogger(__name__)

COOKIE: Final = "tolem_office"

Acting = Callable[[web.Request, Session, Mapping[str, str]], Awaitable[web.StreamResponse]]
Seeing = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """`secure`: over TLS, so that the cookie never leaves without it."""

    def __init__(self, wording: Wording, passwords: Passwords, sessions: Sessions, *, secure: bool) -> None:
        self._wording = wording
        self._passwords = passwords
        self._sessions = sessions
        self._secure = secure

    def seeing(self, page: Seeing) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            session = self._session(request)
            if session is None:
                return to("/login")
            response = await page(request, session)
            if response.content_type == "text/html":
                session.place = request.path_qs
            return response

        return handle

    def acting(self, act: Acting) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            session = self._session(request)
            if session is None:
                return to("/login")
            form = {name: str(value) for name, value in (await request.post()).items()}
            if not session.sent(form.get("token", "")):
                session.told = WORDS["old_page"].to(session.language)
                return to("/")
            return await act(request, session, form)

        return handle

    async def login_page(self, request: web.Request) -> web.StreamResponse:
        nobody = not self._passwords.names()
        return self._form(_asked_language(request), WORDS["nobody"] if nobody else None)

    async def login(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        language, name = _asked_language(request), str(form.get("name", "")).strip()
        attempt = await self._passwords.attempt(name, str(form.get("password", "")))
        if attempt.tried is not Tried.RIGHT:
            known = name if self._passwords.knows(name) else ""  # what was typed may be a password
            log.warning("office.login_refused", extra={"person": known, "tried": attempt.tried.value})
            word = WORDS["locked" if attempt.locked_seconds else "wrong"]
            return self._form(language, word, seconds=attempt.locked_seconds, status=403)
        log.info("office.logged_in", extra={"person": name})
        session = self._sessions.begin(name, language)
        response = to("/")
        response.set_cookie(
            COOKIE, session.token, httponly=True, samesite="Strict", secure=self._secure, path="/"
        )
        return response

    async def logout(
        self, _request: web.Request, session: Session, _form: Mapping[str, str]
    ) -> web.StreamResponse:
        self._sessions.end(session)
        response = to("/login")
        response.del_cookie(COOKIE, path="/")
        return response

    def _session(self, request: web.Request) -> Session | None:
        """Whoever was removed is out at once."""
        session = self._sessions.find(request.cookies.get(COOKIE, ""))
        return session if session is not None and self._passwords.knows(session.name) else None

    def _form(
        self, language: Language, said: object, *, seconds: float = 0.0, status: int = 200
    ) -> web.StreamResponse:
        html = self._wording.render("login", language, session=None, said=said, seconds=seconds)
        return web.Response(text=html, content_type="text/html", status=status)


def _asked_language(request: web.Request) -> Language:
    asked = request.query.get("language")
    return next((it for it in LANGUAGES if it == asked), "ru")


def to(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})
