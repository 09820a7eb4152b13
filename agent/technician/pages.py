"""The service page behind its door: what is seen, and what each button does.

What changes something answers with the page to look at next.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from agent.device_tests import AnotherTestError, NoSuchTestError, NotInMaintenanceError
from agent.kiosk.guard import guard
from agent.maintenance import AT_ONCE_SECONDS, State
from agent.technician.desk import Desk
from agent.technician.door import Door, to
from agent.technician.report import paper_lines
from agent.technician.sessions import Session
from agent.technician.wording import Wording
from agent.texts import technician as words
from devices.selftest import Answer

LARGEST_BODY_BYTES: Final = 8 * 1024
_STATIC: Final = {
    "/static/": Path(str(files("agent.kiosk") / "static")),  # fonts and htmx are the customer's screen's own
    "/service/": Path(str(files("agent.technician") / "static")),
}


class Pages:
    def __init__(self, desk: Desk, wording: Wording, door: Door) -> None:
        self._desk = desk
        self._wording = wording
        self._door = door

    def application(self, origins: Callable[[], frozenset[str]]) -> web.Application:
        check = guard(origins, None, referrer="same-origin")
        app = web.Application(middlewares=[check], client_max_size=LARGEST_BODY_BYTES)
        door = self._door
        app.router.add_get("/login", door.login_page)
        app.router.add_post("/login", door.login)
        for path, page in {
            "/": self._page,
            "/guide": self._guide_page,
            "/report.json": self._report_json,
        }.items():
            app.router.add_get(path, door.seeing(page))
        for path, page in {"/glance": self._glance, "/guide/now": self._guide_now}.items():
            app.router.add_get(path, door.looking_again(page))
        for path, act in {
            "/logout": door.logout,
            "/language": self._language,
            "/maintenance": self._maintenance,
            "/test": self._test,
            "/guide": self._guide,
            "/guide/answer": self._answer,
            "/guide/stop": self._stop,
            "/print": self._print,
            "/bundle": self._bundle,
        }.items():
            app.router.add_post(path, door.acting(act))
        for path, folder in _STATIC.items():
            app.router.add_static(path, folder)
        return app

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
            return to("/")
        return self._html("guide", session, guided=self._desk.tests.guided)

    async def _guide_now(self, session: Session) -> web.StreamResponse:
        if self._desk.tests.guided is None:
            return to("/", htmx=True)
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
        return to("/")

    async def _maintenance(self, _session: Session, form: Mapping[str, str]) -> web.StreamResponse:
        maintenance = self._desk.maintenance
        take = partial(maintenance.ask, patience_seconds=AT_ONCE_SECONDS)
        orders: Mapping[str, Callable[[], Awaitable[State]]] = {"take": take, "leave": maintenance.leave}
        if (order := orders.get(form.get("order", ""))) is not None:
            await order()
        return to("/")

    async def _test(self, _session: Session, form: Mapping[str, str]) -> web.StreamResponse:
        async for _ in self._desk.tests.run(self._desk.tests.quick(form.get("device"))):
            pass  # each has its place in `latest`
        return to("/#devices")

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
            return to("/guide")
        return to("/")

    async def _answer(self, _session: Session, form: Mapping[str, str]) -> web.StreamResponse:
        guided = self._desk.tests.guided
        if guided is not None and form.get("answer") in {Answer.YES, Answer.NO}:
            guided.answer(Answer(form["answer"]))
        return to("/guide")

    async def _stop(self, _session: Session, _form: Mapping[str, str]) -> web.StreamResponse:
        await self._desk.tests.stop()
        return to("/guide")

    async def _print(self, session: Session, _form: Mapping[str, str]) -> web.StreamResponse:
        lines = list(paper_lines(await self._desk.report(), session.language))
        async for answer in self._desk.call("report.print", {"lines": lines}):
            wrong = answer["error"] or answer["detail"]
            session.told = words.WORDS["printed"].to(session.language)
            if not answer["printed"]:
                session.told = f"{words.WORDS['not_printed'].to(session.language)} {wrong}"
        return to("/")

    async def _bundle(self, _session: Session, _form: Mapping[str, str]) -> web.StreamResponse:
        bundle = await self._desk.bundle()
        return _download(bundle, "application/zip", f"tolem-{self._desk.terminal}-support.zip")


def _download(body: bytes, content_type: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=content_type, headers=headers)
