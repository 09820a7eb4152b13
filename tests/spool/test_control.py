import asyncio
import json
import socket as sockets
import stat

import pytest

from spool import (
    ControlError,
    ControlServer,
    ControlUnavailable,
    ToPerson,
    control_call,
    enqueue,
    spool_commands,
)
from spool.agenda import Quota
from spool.control import LONGEST_LINE
from spool.lease import acknowledge, claim


@pytest.fixture
async def socket(spool, tmp_path):
    async with ControlServer(tmp_path / "control", spool_commands(spool)) as server:
        yield server.path


@pytest.fixture
async def stuck(spool, letter):
    """The number of an entry that waits for a person."""

    def hands_over(tx):
        enqueue(tx, letter("a", payload=b"nobody sees this"))
        [held] = claim(tx, [Quota("eport", "ATM00017", 1)])[0].claims
        acknowledge(tx, held, ToPerson("malformed"))
        return held.entry.id

    return await spool.write(hands_over)


async def ask(path, command, /, **arguments):
    return [item async for item in control_call(path, command, arguments)]


async def test_a_person_lists_shows_and_closes_over_the_socket(socket, stuck):
    [listed] = await ask(socket, "list")
    assert (listed["id"], listed["state"], listed["note"]) == (stuck, "to_person", "malformed")
    [closed] = await ask(socket, "close", entry="a", person="Aigul", reason="called e-port")
    assert closed["state"] == "closed"
    [shown] = await ask(socket, "show", entry=stuck)
    assert [line["event"] for line in shown["history"]] == ["handed_over", "closed_by_person"]
    assert shown["history"][1]["person"] == "Aigul"
    assert await ask(socket, "list") == []
    assert len(await ask(socket, "list", state="closed")) == 1


async def test_what_is_closed_already_is_not_for_a_person(socket, stuck):
    decision = {"entry": stuck, "person": "Aigul", "reason": "called e-port"}
    await ask(socket, "close", **decision)
    with pytest.raises(ControlError) as refused:
        await ask(socket, "close", **decision)
    assert refused.value.code == "not_for_a_person"


async def test_a_payload_shows_as_its_length_and_hash_only(socket, stuck):
    [shown] = await ask(socket, "show", entry=stuck)
    assert shown["payload_length"] == 16
    assert len(shown["payload_sha256"]) == 64
    assert "nobody sees this" not in json.dumps(shown)


async def test_a_retry_over_the_socket_makes_it_due(socket, spool, stuck):
    await ask(socket, "retry", entry=stuck, person="Aigul", reason="the line is back")
    [taken] = await spool.write(lambda tx: claim(tx, [Quota("eport", "ATM00017", 1)]))
    assert taken.claims[0].entry.id == stuck


async def test_health_a_check_and_a_copy_are_to_be_had(socket, stuck, tmp_path):
    [health] = await ask(socket, "health")
    assert [(line["destination"], line["to_person"]) for line in health["destinations"]] == [("eport", 1)]
    assert await ask(socket, "check") == [{"result": "ok"}]
    await ask(socket, "snapshot", path=str(tmp_path / "copy.db"))
    assert (tmp_path / "copy.db").exists()


@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        ("destroy", {}, "unknown_command"),
        ("show", {}, "bad_argument"),
        ("show", {"entry": True}, "bad_argument"),
        ("show", {"entry": 99}, "no_such_entry"),
        ("list", {"state": "lost"}, "bad_argument"),
        ("list", {"limit": 0}, "bad_argument"),
        ("close", {"entry": "a", "reason": "x"}, "bad_argument"),
        ("close", {"entry": "a", "person": "x", "reason": " "}, "bad_argument"),
        ("snapshot", {"path": "relative.db"}, "bad_argument"),
    ],
)
async def test_what_is_wrong_comes_back_as_a_code_and_a_sentence(socket, stuck, command, arguments, code):
    with pytest.raises(ControlError) as failed:
        await ask(socket, command, **arguments)
    assert failed.value.code == code
    assert str(failed.value)


@pytest.mark.parametrize(
    "line",
    [
        b"not json\n",
        b"[]\n",
        b'{"command": "list"}\n',
        b'{"command": 1, "arguments": {}}\n',
        b'{"command": "list", "arguments": {}, "more": 1}\n',
        b"\xff\n",
        b"x" * (LONGEST_LINE + 10) + b"\n",
    ],
    ids=["words", "list", "no arguments", "number", "more", "not utf-8", "too long"],
)
async def test_a_request_that_is_none_is_refused(socket, line):
    reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(line)
    answer = json.loads(await reader.readline())
    assert answer["error"]["code"] == "bad_request"
    writer.close()
    assert await ask(socket, "list") == []


async def test_a_command_that_fails_tells_the_log_and_not_the_caller(tmp_path, caplog):
    async def fails(_):
        raise LookupError("the secret of the house")

    async with ControlServer(tmp_path / "control", {"fail": fails}):
        with pytest.raises(ControlError) as failed:
            await ask(tmp_path / "control", "fail")
    assert failed.value.code == "internal"
    assert "secret" not in str(failed.value)
    assert "spool.control_failed" in caplog.messages


async def test_only_its_owner_may_use_the_socket(socket):
    mode = socket.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_nobody_there_is_said_so(tmp_path):
    with pytest.raises(ControlUnavailable):
        await ask(tmp_path / "control", "list")


async def test_a_socket_of_the_dead_is_replaced_and_one_of_the_living_is_not(tmp_path):
    path = tmp_path / "control"
    async with ControlServer(path, {}):
        with pytest.raises(ControlError) as failed:
            await ControlServer(path, {}).start()
        assert failed.value.code == "in_use"
    dead = sockets.socket(sockets.AF_UNIX)
    dead.bind(str(path))
    dead.close()
    async with ControlServer(path, {"ping": answer}):
        assert await ask(path, "ping") == [{"pong": True}]
    assert not path.exists()


async def test_a_file_that_is_no_socket_is_left_alone(tmp_path):
    path = tmp_path / "control"
    path.write_text("mine")
    with pytest.raises(ControlError):
        await ControlServer(path, {}).start()
    assert path.read_text() == "mine"


async def test_a_path_that_no_socket_can_have_is_a_clear_error(tmp_path):
    with pytest.raises(ControlError, match="at most 107 bytes"):
        await ControlServer(tmp_path / ("x" * 120), {}).start()


async def test_closing_ends_an_answer_that_never_ends(tmp_path):
    async def forever(_):
        while True:
            yield {"n": 1}
            await asyncio.sleep(0)

    server = ControlServer(tmp_path / "control", {"follow": forever})
    await server.start()
    answers = control_call(server.path, "follow")
    assert await anext(answers) == {"n": 1}
    await server.close()
    with pytest.raises(ControlUnavailable):
        async for _ in answers:
            pass


async def answer(_):
    return {"pong": True}
