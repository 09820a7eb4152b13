"""The page's own guards; what it shows and does is lived through in tests/browser."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from agent.demo.panel.board import Board
from agent.demo.panel.doings import Doings
from agent.demo.panel.server import PanelServer, Shown
from agent.demo.stage import Stage, TerminalPlace
from agent.demo.starting import free_port
from agent.sample_settings import SandboxPlaces

KIOSK = "http://127.0.0.1:9"


@pytest.fixture
async def server(tmp_path):
    """Of a stage at which nobody answers."""
    nowhere = Path("/nonexistent")
    places = SandboxPlaces.model_construct(admin_url="http://127.0.0.1:9")
    stage = Stage(tmp_path, places, nowhere, None, [TerminalPlace("ATM00001", nowhere)], [])
    board = Board()
    server = PanelServer(Shown(KIOSK, tmp_path), Doings(stage, board), board, port=free_port())
    await server.start()
    server.board = board
    yield server
    await server.close()


@pytest.fixture
async def page(server):
    async with aiohttp.ClientSession(server.url) as session:
        yield session


def own(server, **more):
    return {"Origin": server.url, "Content-Type": "application/json", **more}


async def test_the_page_may_frame_the_customers_screen_and_load_nothing_from_elsewhere(page):
    async with page.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status == 200
        assert "default-src 'none'" in policy
        assert f"frame-src {KIOSK};" in policy
        text = await answer.text()
    assert "style=" not in text
    assert "<script>" not in text


@pytest.mark.parametrize("host", ["localhost:80", "tolem.example", "127.0.0.1"])
async def test_another_hosts_name_is_refused(page, host):
    async with page.get("/", headers={"Host": host}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    "wrong", [{"Origin": KIOSK}, {"Origin": "null"}, {"Content-Type": "text/plain"}], ids=str
)
async def test_another_origin_presses_nothing(server, page, wrong):
    async with page.post("/do/pull", data=b"{}", headers=own(server, **wrong)) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    ("doing", "body", "status"),
    [
        ("shutdown", {}, 404),
        ("pay", {}, 404),
        ("trouble", {"place": "moon", "trouble": "silent"}, 400),
        ("trouble", {"place": "check"}, 400),
        ("decide", {"txn_id": "../faults", "end": "accepted"}, 400),
        ("pull", {}, 409),
        ("trouble", {}, 409),
        ("ailment", {"device": "moon", "ailment": "hangs"}, 400),
        ("ailment", {"device": "pad", "ailment": "hangs"}, 409),
        ("scan", {"code": "0117204817365800152300"}, 409),
    ],
)
async def test_what_cannot_be_done_is_told(server, page, doing, body, status):
    async with page.post(f"/do/{doing}", data=json.dumps(body), headers=own(server)) as answer:
        assert answer.status == status


async def test_what_is_no_json_is_told(server, page):
    async with page.post("/do/pull", data=b"{", headers=own(server)) as answer:
        assert answer.status == 400


async def test_a_receipt_of_a_terminal_without_power_is_not_there(page):
    async with page.get("/receipt/1.png") as answer:
        assert answer.status == 404


async def test_the_stream_tells_each_word(server, page):
    async with page.get("/live") as answer, asyncio.timeout(5):
        for topic in ("troubles", "ailments"):
            assert await answer.content.readline() == f"event: {topic}\n".encode()
            await answer.content.readuntil(b"\n\n")
        server.board.put("devices", {"display": ["Қош келдіңіз"]})
        assert await answer.content.readline() == b"event: devices\n"
        assert json.loads((await answer.content.readline()).removeprefix(b"data: ")) == {
            "display": ["Қош келдіңіз"]
        }
