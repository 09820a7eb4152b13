"""A running gateway with an operators' page, last month closed and signed by nobody yet, and an operator with a browser."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random, SystemRandom

import aiohttp
import pytest
import pytest_asyncio

from gateway.act.month import Month
from gateway.eport.codec import XML
from gateway.migrations import ROOMS
from gateway.office.passwords import NAME, Passwords
from gateway.office_settings import ActSection, OfficeSection
from gateway.outside import Outside
from gateway.reconciliation.intake import Intake, Taken
from gateway.service import Gateway
from gateway.settings import (
    CardHostSection,
    CatalogueSection,
    EportSection,
    GatewaySection,
    NodeSection,
    TimersSection,
)
from spool import Spool
from tests.gateway.act.closed_days import close_month, open_case
from tests.gateway.reconciliation.conftest import ALMATY, Closed, line, registry
from tests.gateway.scripted import ScriptedEport, ScriptedFunds, Sections

WHO = "Айгерім Қ."
PASSWORD = "тоғыз-жолдың-торабы"


@dataclass
class Operator:
    """Somebody with a browser."""

    url: str
    browser: aiohttp.ClientSession

    async def get(self, path="/", **headers):
        async with self.browser.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text(errors="replace"), answer.headers

    async def download(self, path):
        async with self.browser.get(self.url + path) as answer:
            return answer.status, await answer.read(), answer.headers

    async def post(self, path, *, origin=None, token=None, **form):
        token = await self.token() if token is None else token
        headers = {"Origin": self.url if origin is None else origin}
        async with self.browser.post(
            self.url + path, data={"token": token, **form}, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, await answer.text(), answer.headers

    async def token(self):
        found = re.search(r'name="token" value="(\w+)"', (await self.get("/worklist"))[1])
        return found[1] if found else ""

    async def logs_in(self, name=WHO, password=PASSWORD, language="ru"):
        return await self.post(f"/login?language={language}", token="", name=name, password=password)


@dataclass
class Office:
    """A gateway with a closed month: of it four cases are open, numbered from 1, all of the 5th.

    Of the day after it e-port's registry is there, and lists one payment that nobody here knows.
    """

    gateway: Gateway
    url: str
    closed_month: Month
    case_day: date
    passwords: Passwords


@asynccontextmanager
async def office_at(folder: Path, ca, now, **changes) -> AsyncIterator[Office]:
    closed_month = Month.of(now().date()).previous().previous()
    case_day = closed_month.first + timedelta(days=4)
    data = folder / "data"
    data.mkdir()
    passwords = Passwords(data / NAME, now=now, random_bytes=Random(1).randbytes)
    passwords.set(WHO, PASSWORD)
    opening = Spool.open(data / "gateway.db", rooms=ROOMS, now=now, random=SystemRandom())
    async with await opening as spool:
        for number in range(1, 5):
            await spool.write(lambda tx, number=number: open_case(tx, case_day, number))
        await spool.write(lambda tx: close_month(tx, closed_month))
        day = closed_month.next().first
        listed = Closed({day: registry(day, [line(day=day, product="samal-internet")])}, piece=65_536)
        assert isinstance(await Intake(spool, point="10001", zone=ALMATY).take(day, listed), Taken)
    async with Gateway.open(
        replace(_sections(ca), **changes),
        node=NodeSection(id="gateway-1", data_dir=data),
        now=now,
        random=SystemRandom(),
        outside=Outside(ScriptedEport(), XML, ScriptedFunds()),
    ) as gateway:
        host, port = gateway.places.office
        yield Office(gateway, f"http://{host}:{port}", closed_month, case_day, passwords)


def _sections(ca) -> Sections:
    bank = ca.issue("tolem-gateway", server_names=())
    return Sections(
        gateway=GatewaySection(),
        eport=EportSection(
            url="https://localhost:1",
            point="10001",
            client_cert=bank.certificate,
            client_key=bank.key,
            ca=ca.ca_path,
        ),
        card_host=CardHostSection(address="127.0.0.1:1", acquirer="123456", merchant="TOLEM0000000001"),
        catalogue=CatalogueSection(file=Path(str(files("gateway.providers") / "demo.toml"))),
        timers=TimersSection(shutdown_seconds=2.0),
        act=ActSection(bank="АО «Банк Төлем»", eport="ТОО «и-Порт»", contract="№ 17/EP"),
        office=OfficeSection(listen="127.0.0.1:0"),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory, throwaway_ca, system_time) -> AsyncIterator[Office]:
    """One for a module's tests, each of which has a case or a name of its own to change."""
    async with office_at(tmp_path_factory.mktemp("office"), throwaway_ca, system_time) as opened:
        yield opened


@pytest.fixture
def closed_month(office) -> Month:
    return office.closed_month


@pytest.fixture
def case_day(office) -> date:
    return office.case_day


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(office) -> AsyncIterator[Operator]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        yield Operator(office.url, browser)


@pytest_asyncio.fixture(loop_scope="module")
async def operator(stranger) -> Operator:
    assert (await stranger.logs_in())[0] == 303
    return stranger
