"""The sandbox as a whole: files, addresses, two lives of one folder, and what must be in no file."""

import asyncio
import logging
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from certs.identity import Identity
from certs.tls import client_context
from gateway.sandbox.books import GatewayRow, compare
from gateway.sandbox.pin import ANSI_SAMPLE_BDK
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import KnownCard, SandboxSettings


async def test_a_client_finds_all_it_needs_in_the_folder(sandbox: Any, system_time: Any) -> None:
    identity = Identity.load(*sandbox.bank, now=system_time)
    assert identity.common_name == "tolem-gateway"
    assert stat.S_IMODE(sandbox.bank.key.stat().st_mode) == 0o600
    assert sandbox.eport_url.startswith("https://127.0.0.1:")
    assert sandbox.ca.read_text().startswith("-----BEGIN CERTIFICATE-----")


async def test_what_a_server_did_is_in_its_file_when_the_answer_is_there(
    eport_client: Any, card_line: Any, bodies: Any, messages: Any, tmp_path: Path
) -> None:
    await eport_client.post("bank_account", bodies.check())
    await eport_client.post("bank_payment", bodies.payment())
    await card_line.ask(messages.hold())
    for name, sql in (("eport", "SELECT status FROM payment"), ("card-host", "SELECT state FROM hold")):
        reader = sqlite3.connect(f"file:{tmp_path}/sandbox/{name}.db?mode=ro", uri=True)
        assert reader.execute(sql).fetchall() == [({"eport": "ACCEPTED"}.get(name, "HELD"),)]
        reader.close()


async def test_the_books_of_one_payment_agree(
    eport_client: Any, card_line: Any, bodies: Any, messages: Any, sandbox: Any
) -> None:
    await eport_client.post("bank_account", bodies.check())
    held = await card_line.ask(messages.hold())
    await eport_client.post("bank_payment", bodies.payment())
    ours = GatewayRow(
        "0192…", "ATM00017", "PAYING", "26112200000001234567", "632600001234", 150000, 4500, 154500
    )
    in_doubt = compare([ours], sandbox.eport_rows(), sandbox.card_rows())
    await card_line.ask(messages.capture(f38=held["38"]))
    done = compare([replace(ours, state="PAID")], sandbox.eport_rows(), sandbox.card_rows())
    assert (in_doubt.agree, in_doubt.open, done.agree, done.open) == (True, 1, True, 0)


async def test_a_second_life_of_a_folder_knows_the_first(
    *, tmp_path: Path, clock: Any, settings: SandboxSettings, system_time: Any, bodies: Any, eport_client: Any
) -> None:
    answers = []
    for _ in range(2):
        async with Sandbox.open(tmp_path / "lives", settings, now=clock) as running:
            client = replace(
                eport_client,
                port=int(running.eport_url.rsplit(":", 1)[1]),
                ca=running.ca,
                identity=Identity.load(*running.bank, now=system_time),
            )
            await client.post("bank_account", bodies.check())
            answers.append(await client.post("bank_payment", bodies.payment()))
            assert len(running.eport_rows()) == 1
    assert answers[0] == answers[1]


async def test_a_hold_outlives_the_host_but_its_cards_name_does_not(
    tmp_path: Path, clock: Any, settings: SandboxSettings, messages: Any
) -> None:
    tokens, codes = set(), []
    for number in range(2):
        async with Sandbox.open(tmp_path / "lives", settings, now=clock) as running:
            reader, writer = await asyncio.open_connection(*running.card_host)
            line = messages.line(reader, writer)
            codes.append(await line.code(messages.hold(f37=f"63260000123{number}", f11=f"00000{number + 1}")))
            tokens |= {account.token for account in running._card_book.accounts()}
            rows = running.card_rows()
            writer.transport.abort()
    assert codes == ["00", "00"]
    assert [row.held for row in rows] == [154500, 154500]
    assert len(tokens) == 2


async def test_given_ports_are_taken(tmp_path: Path, sandbox: Any, settings: SandboxSettings) -> None:
    taken = replace(settings, card_host_port=sandbox.card_host[1])
    with pytest.raises(OSError, match="address already in use"):
        async with Sandbox.open(tmp_path / "second", taken):
            pass


async def test_a_sandbox_runs_until_it_is_cancelled(sandbox: Any) -> None:
    running = asyncio.create_task(sandbox.until_cancelled())
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


class TestWithTls:
    @pytest.fixture
    def settings(self, settings: SandboxSettings) -> SandboxSettings:
        return replace(settings, card_host_tls=True)

    async def test_the_card_host_speaks_tls_where_it_is_told_to(self, sandbox: Any, messages: Any) -> None:
        reader, writer = await asyncio.open_connection(
            *sandbox.card_host, ssl=client_context(sandbox.ca), server_hostname="localhost"
        )
        assert await messages.line(reader, writer).code(messages.hold()) == "00"
        writer.transport.abort()

    async def test_a_bare_connection_gets_nothing(self, card_line: Any, messages: Any) -> None:
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await card_line.ask(messages.hold())


async def test_a_bare_card_host_does_not_leave_loopback(tmp_path: Path, settings: SandboxSettings) -> None:
    with pytest.raises(ValueError, match="a 0100 carries the PAN"):
        async with Sandbox.open(tmp_path / "open", replace(settings, host="0.0.0.0")):
            pass


class TestSecrets:
    @pytest.fixture
    def settings(self, settings: SandboxSettings, pan: str) -> SandboxSettings:
        cards = (KnownCard(pan, balance=1_000_000_00, pin="1234"),)
        return replace(settings, card_host=replace(settings.card_host, bdk=ANSI_SAMPLE_BDK, cards=cards))

    async def test_no_card_data_are_left_in_ledgers_logs_or_words(
        self,
        *,
        new_card_line: Any,
        messages: Any,
        tmp_path: Path,
        caplog: Any,
        settings: SandboxSettings,
        sandbox: Any,
        pan: str,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        troubled = [
            {},
            {"f37": "632600001235", "f52": "0123456789ABCDEF"},
            {"f37": "632600001236", "f2": "4111111111111111", "f14": "2812"},
            {"f37": "632600001237", "f35": None, "f2": pan, "f14": "2812"},
            {"f37": "632600001238", "f55": "57134012345678909D28122010000000009F"},
            {"f37": "632600001239", "f48": pan},
            {"f37": "63260000123A"},
        ]
        async with new_card_line() as line:
            for number, change in enumerate(troubled, start=10):
                await line.ask(messages.hold(**{"f11": f"0000{number}"} | change))
            line.send_frame(b"0100" + b"7" * 16 + pan.encode())
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await line.receive_frame()
        left = {path: path.read_bytes() for path in (tmp_path / "sandbox").rglob("*") if path.is_file()}
        left[Path("log")] = repr([vars(record) for record in caplog.records]).encode()
        left[Path("words")] = repr((settings, settings.card_host, settings.card_host.cards, sandbox)).encode()
        secrets = [
            pan,
            pan[:12],
            pan.encode().hex(),
            "4111111111111111",
            "1B9C1845EB993A7A",
            "D2812201",
            ANSI_SAMPLE_BDK.hex(),
        ]
        found = {
            (path.name, secret)
            for path, content in left.items()
            for secret in secrets
            if secret.encode() in content or secret.lower().encode() in content
        }
        assert len(left) > 6
        assert found == set()
