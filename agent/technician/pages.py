"""The service page's requests: who is let in, what each button does, what is shown afterwards.

Every form carries its session's token; what changes something answers with the page to look at next.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from agent.device_tests import AnotherTestError, DeviceTests, NoSuchTestError, NotInMaintenanceError
from agent.kiosk.guard import guard
from agent.maintenance import AT_ONCE_SECONDS, Maintenance, Note, State
from agent.technician.pin_file import Attempt, PinFile, Tried
from agent.technician.report import Report, paper_lines
from agent.technician.sessions import Session, Sessions
from agent.technician.wording import Wording
from agent.texts import Language
from agent.texts import technician as words
from devices.selftest import Answer

Call = Callable[[str, dict[str, Any]], AsyncIterator[dict[str, Any]]]
COOKIE: Final = "tolem_service"
LARGEST_BODY_BYTES: Final = 8 * 1024
_STATIC: Final = {
    "/static/": Path(str(files("agent.kiosk") / "static")),  # fonts and htmx are the customer's screen's own
    "/service/": Path(str(files("agent.technician") / "static")),
}


@dataclass(frozen=True)
class Desk:
    """What the page needs of the terminal. `call`: a command of its control socket."""

    terminal: str
    owner: str
    languages: tuple[Language, ...]
    call: Call
    report: Callable[[], Awaitable[Report]]
    bundle: Callable[[], Awaitable[bytes]]
    tests: DeviceTests
    maintenance: Maintenance
    note: Note


Acting = Callable[[Session, Mapping[str, str]], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    def __init__(self, desk: Desk, wording: Wording, pin: PinFile, sessions: Sessions) -> None:
        self._desk = desk
        self._wording = wording
        self._pin = pin
        self._sessions = sessions

    def application(self, origins: Callable[[], frozenset[str]]) -> web.Application:
        check = guard(origins, None, referrer="same-origin")
        app = web.Application(middlewares=[check], client_max_size=LARGEST_BODY_BYTES)
        app.router.add_get("/login", self._login_page)
        app.router.add_post("/login", self._login)
        for path, page in {
            "/": self._page,
            "/guide": self._guide_page,
            "/report.json": self._report_json,
        }.items():
            app.router.add_get(path, self._for_a_session(page, touch=True))
        for path, page in {"/glance": self._glance, "/guide/now": self._guide_now}.items():
            app.router.add_get(path, self._for_a_session(page, touch=False))
        for path, act in {
            "/logout": self._logout,
            "/language": self._language,
            "/maintenance": self._maintenance,
            "/test": self._test,
            "/guide": self._guide,
            "/guide/answer": self._answer,
            "/guide/stop": self._stop,
            "/print": self._print,
            "/bundle": self._bundle,
        }.items():
            app.router.add_post(path, self._acting(act))
        for path, folder in _STATIC.items():
            app.router.add_static(path, folder)
        return app

    # who is let in

    def _session(self, request: web.Request, *, touch: bool) -> Session | None:
        return self._sessions.find(request.cookies.get(COOKIE, ""), touch=touch)

    def _for_a_session(
        self, page: Callable[[Session], Awaitable[web.StreamResponse]], *, touch: bool
    ) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            session = self._session(request, touch=touch)
            if session is None:
                return _to("/login", htmx=not touch)
            if touch:
                self._desk.maintenance.touch()
            return await page(session)

        return handle

    def _acting(self, act: Acting) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            session = self._session(request, touch=True)
            if session is None:
                return _to("/login")
            form = {name: str(value) for name, value in (await request.post()).items()}
            if not session.sent(form.get("token", "")):
                session.told = words.WORDS["old_page"].to(session.language)
                return _to("/")
            self._desk.maintenance.touch()
            return await act(session, form)

        return handle

    async def _login_page(self, request: web.Request) -> web.StreamResponse:
        return self._login_form(self._asked_language(request), None)

    async def _login(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        language = self._asked_language(request)
        attempt = await self._pin.attempt(str(form.get("pin", "")))
        await self._desk.note(
            f"service.{_JOURNAL[attempt.tried]}", {"locked_seconds": int(attempt.locked_seconds)}
        )
        if attempt.tried is not Tried.RIGHT:
            return self._login_form(language, attempt, status=403)
        session = self._sessions.begin(language)
        response = _to("/")
        response.set_cookie(COOKIE, session.token, httponly=True, samesite="Strict", path="/")
        return response

    def _login_form(
        self, language: Language, attempt: Attempt | None, *, status: int = 200
    ) -> web.StreamResponse:
        html = self._wording.render("login", language, desk=self._desk, attempt=attempt, session=None)
        return web.Response(text=html, content_type="text/html", status=status)

    def _asked_language(self, request: web.Request) -> Language:
        asked = request.query.get("language")
        return next((it for it in self._desk.languages if it == asked), self._desk.languages[0])

    async def _logout(self, _session: Session, _form: Mapping[str, str]) -> web.StreamResponse:
        """The terminal goes back to its customers, too."""
        self._sessions.end()
        await self._desk.maintenance.leave()
        await self._desk.note("service.logged_out", {})
        response = _to("/login")
        response.del_cookie(COOKIE, path="/")
        return response

    # what is seen

    async def _page(self, session: Session) -> web.StreamResponse:
        told, session.told = session.told, ""
        return await self._seen("page", session, told=told)

    async def _glance(self, session: Session) -> web.StreamResponse:
        return await self._seen("glance", session, told="")

    async def _seen(self, template: str, session: Session, *, told: str) -> web.StreamResponse:
        report = await self._desk.report()
        return self._html(
            template,
            session,
            report=report.as_json(),
            findings=report.gravest_first(),
            state=self._desk.maintenance.state,
            latest=self._desk.tests.latest,
            told=told,
        )

    async def _guide_page(self, session: Session) -> web.StreamResponse:
        if self._desk.tests.guided is None:
            return _to("/")
        return self._html("guide", session, guided=self._desk.tests.guided)

    async def _guide_now(self, session: Session) -> web.StreamResponse:
        if self._desk.tests.guided is None:
            return _to("/", htmx=True)
        return self._html("guided", session, guided=self._desk.tests.guided)

    async def _report_json(self, _session: Session) -> web.StreamResponse:
        await self._desk.note("service.report_saved", {})
        report = await self._desk.report()
        text = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
        return _download(text.encode(), "application/json", f"tolem-{report.node}-report.json")

    def _html(self, template: str, session: Session, **context: Any) -> web.Response:
        html = self._wording.render(template, session.language, desk=self._desk, session=session, **context)
        return web.Response(text=html, content_type="text/html")

    # what is done

    async def _language(self, session: Session, form: Mapping[str, str]) -> web.StreamResponse:
        for language in self._desk.languages:
            if language == form.get("language"):
                session.language = language
        return _to("/")

    async def _maintenance(self, _session: Session, form: Mapping[str, str]) -> web.StreamResponse:
        maintenance = self._desk.maintenance
        take = partial(maintenance.ask, patience_seconds=AT_ONCE_SECONDS)
        orders: Mapping[str, Callable[[], Awaitable[State]]] = {"take": take, "leave": maintenance.leave}
        if (order := orders.get(form.get("order", ""))) is not None:
            await order()
        return _to("/")

    async def _test(self, _session: Session, form: Mapping[str, str]) -> web.StreamResponse:
        async for _ in self._desk.tests.run(self._desk.tests.quick(form.get("device"))):
            pass  # each has its place in `latest`
        return _to("/#devices")

    async def _guide(self, session: Session, form: Mapping[str, str]) -> web.StreamResponse:
        try:
            self._desk.tests.begin(form.get("test", ""))
        except NotInMaintenanceError:
            session.told = words.WORDS["take_first"].to(session.language)
        except AnotherTestError:
            session.told = words.WORDS["another_test"].to(session.language)
        except NoSuchTestError:
            session.told = words.WORDS["old_page"].to(session.language)
        else:
            return _to("/guide")
        return _to("/")

    async def _answer(self, _session: Session, form: Mapping[str, str]) -> web.StreamResponse:
        guided = self._desk.tests.guided
        if guided is not None and form.get("answer") in {Answer.YES, Answer.NO}:
            guided.answer(Answer(form["answer"]))
        return _to("/guide")

    async def _stop(self, _session: Session, _form: Mapping[str, str]) -> web.StreamResponse:
        await self._desk.tests.stop()
        return _to("/guide")

    async def _print(self, session: Session, _form: Mapping[str, str]) -> web.StreamResponse:
        lines = list(paper_lines(await self._desk.report(), session.language))
        async for answer in self._desk.call("report.print", {"lines": lines}):
            wrong = answer["error"] or answer["detail"]
            session.told = words.WORDS["printed"].to(session.language)
            if not answer["printed"]:
                session.told = f"{words.WORDS['not_printed'].to(session.language)} {wrong}"
        return _to("/")

    async def _bundle(self, _session: Session, _form: Mapping[str, str]) -> web.StreamResponse:
        bundle = await self._desk.bundle()
        return _download(bundle, "application/zip", f"tolem-{self._desk.terminal}-support.zip")


_JOURNAL: Final[Mapping[Tried, str]] = {
    Tried.RIGHT: "logged_in",
    Tried.WRONG: "pin_wrong",
    Tried.LOCKED: "pin_locked",
    Tried.NO_PIN: "no_pin",
}


def _to(path: str, *, htmx: bool = False) -> web.Response:
    """Go there. A fragment's place cannot be filled with a page, so htmx is told to go itself."""
    if htmx:
        return web.Response(status=204, headers={"HX-Redirect": path})
    return web.Response(status=303, headers={"Location": path})


def _download(body: bytes, content_type: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=content_type, headers=headers)
