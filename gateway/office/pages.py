"""The page behind its door: what is seen, and what each form does. What changes something answers with the page to look at next."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from gateway.act.month import Month, NotAMonthError
from gateway.act.papers.missing import PapersMissingError
from gateway.office.calendar import weeks
from gateway.office.chart import ROW, bars, sums_per_provider
from gateway.office.desk import Desk
from gateway.office.door import Door, to
from gateway.office.papers import NotSignedError, paper
from gateway.office.sessions import Session
from gateway.office.wording import Wording
from gateway.office.words import DECISIONS, LANGUAGES, WORDS
from spool import ControlError

LARGEST_BODY_BYTES: Final = 8 * 1024
_STATIC: Final = {
    "/static/": Path(str(files("gateway.office") / "static")),
    "/typeface/": Path(str(files("gateway") / "typeface")),
}


class Pages:
    def __init__(self, desk: Desk, wording: Wording, door: Door) -> None:
        self._desk = desk
        self._wording = wording
        self._door = door

    def add_to(self, router: web.UrlDispatcher) -> None:
        door = self._door
        router.add_get("/login", door.login_page)
        router.add_post("/login", door.login)
        router.add_post("/logout", door.acting(door.logout))
        router.add_post("/language", door.acting(self._language))
        router.add_get("/", door.seeing(self._now))
        router.add_get("/months/{month}", door.seeing(self._month))
        router.add_get("/days/{day}", door.seeing(self._day))
        router.add_post("/days/{day}/close", door.acting(self._close))
        router.add_get("/worklist", door.seeing(self._worklist))
        router.add_post("/cases/{case:[0-9]{1,18}}", door.acting(self._decide))
        router.add_get("/payments", door.seeing(self._payment))
        router.add_get("/acts/{month}.{ending}", door.seeing(self._act))
        for prefix, folder in _STATIC.items():
            router.add_static(prefix, folder)

    async def _now(self, _request: web.Request, _session: Session) -> web.StreamResponse:
        return to(f"/months/{Month.of(self._desk.today())}")

    async def _month(self, request: web.Request, session: Session) -> web.StreamResponse:
        month = _month_of(request)
        facts = await self._desk.facts(month)
        totals = sums_per_provider(facts)
        act: dict[str, Any] = {"open_days": facts.open_days(), "signed": None, "fault": ""}
        if not act["open_days"]:
            try:
                act["signed"] = (await self._desk.act(month))["signed"]
            except ControlError as error:
                act["fault"] = str(error)
        return self._seen(
            "month",
            session,
            month=month,
            weeks=weeks(month, await self._desk.compared(month), today=self._desk.today()),
            bars=bars(totals),
            chart_height=len(totals) * ROW,
            act=act,
        )

    async def _day(self, request: web.Request, session: Session) -> web.StreamResponse:
        day = _day_of(request)
        try:
            whole, totals, cases = await self._desk.day(day)
        except ControlError as error:
            return self._said(session, error)
        return self._seen(
            "day", session, day=day, whole=whole, totals=totals, cases=cases, month=Month.of(day)
        )

    async def _close(
        self, request: web.Request, session: Session, _form: Mapping[str, str]
    ) -> web.StreamResponse:
        day = _day_of(request)
        try:
            await self._desk.close_day(day, by=session.name)
        except ControlError as error:
            session.told = str(error)
        else:
            session.told = WORDS["closed_now"].to(session.language)
        return to(f"/days/{day}")

    async def _worklist(self, _request: web.Request, session: Session) -> web.StreamResponse:
        return self._seen("worklist", session, cases=await self._desk.worklist())

    async def _decide(
        self, request: web.Request, session: Session, form: Mapping[str, str]
    ) -> web.StreamResponse:
        case, decision = int(request.match_info["case"]), form.get("decision", "")
        try:
            decided = await self._desk.decide(case, decision, by=session.name, reason=form.get("reason", ""))
        except ControlError as error:
            session.told = f"{WORDS['case'].to(session.language)} {case}: {error}"
            return to("/worklist")
        words = DECISIONS[decided["decisions"][-1]["decision"]].to(session.language)
        session.told = (
            f"{WORDS['case'].to(session.language)} {case}. {WORDS['decided'].to(session.language)} {words}"
        )
        return to("/worklist")

    async def _payment(self, request: web.Request, session: Session) -> web.StreamResponse:
        number = request.query.get("id", "").strip()
        try:
            payment = await self._desk.payment(number)
        except ControlError as error:
            return self._said(session, error)
        return self._seen("payment", session, payment=payment)

    async def _act(self, request: web.Request, session: Session) -> web.StreamResponse:
        try:
            it = await paper(self._desk, _month_of(request), request.match_info["ending"])
        except KeyError:
            raise web.HTTPNotFound from None
        except (ControlError, PapersMissingError) as error:
            return self._said(session, error)
        except NotSignedError:
            raise web.HTTPNotFound from None
        headers = {"Content-Disposition": f'attachment; filename="{quote(it.name)}"'}
        return web.Response(body=it.content, content_type=it.media_type, headers=headers)

    async def _language(
        self, _request: web.Request, session: Session, form: Mapping[str, str]
    ) -> web.StreamResponse:
        session.language = next((it for it in LANGUAGES if it == form.get("language")), session.language)
        return to(session.place)

    def _said(self, session: Session, error: Exception) -> web.StreamResponse:
        """A sentence in the place of what was asked for."""
        session.told = str(error)
        return self._seen("said", session, status=404)

    def _seen(self, name: str, session: Session, *, status: int = 200, **context: Any) -> web.StreamResponse:
        told, session.told = session.told, ""
        html = self._wording.render(name, session.language, session=session, told=told, **context)
        return web.Response(text=html, content_type="text/html", status=status)


def _month_of(request: web.Request) -> Month:
    with suppress(NotAMonthError):
        return Month.parse(request.match_info["month"])
    raise web.HTTPNotFound


def _day_of(request: web.Request) -> date:
    with suppress(ValueError):
        return date.fromisoformat(request.match_info["day"])
    raise web.HTTPNotFound
