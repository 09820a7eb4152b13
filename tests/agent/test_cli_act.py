"""`tolem act` as its operator meets it: a month of closed days, files, exit codes."""

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from agent.cli.app import app
from agent.sample_settings import text
from gateway.act import document, eport_act
from gateway.act.document import Sums
from gateway.act.month import Month
from gateway.migrations import ROOMS
from spool import Spool, Transaction
from tests.gateway.act.closed_days import close_month, open_case

DEMO = (Path(str(files("gateway.providers"))) / "demo.toml").read_text("utf-8")
MONTH = Month(2026, 10)
NAME = "act-10001-2026-10"


def _begin(folder: Path, ca) -> Path:
    """A gateway that does not run, with a key to sign acts."""
    bank = ca.issue("tolem-gateway", server_names=())
    (folder / "demo.toml").write_text(DEMO, "utf-8")
    sections = {
        "node": {"id": "gateway", "data_dir": "data"},
        "eport": {
            "url": "https://localhost:1",
            "point": "10001",
            "client_cert": bank.certificate,
            "client_key": bank.key,
            "ca": ca.ca_path,
        },
        "card_host": {"address": "127.0.0.1:1", "acquirer": "400001", "merchant": "TOLEM0000000001"},
        "catalogue": {"file": "demo.toml"},
        "act": {
            "bank": "АО «Банк Төлем»",
            "bank_bin": "991240000018",
            "eport": "ТОО «и-Порт»",
            "contract": "№ 17/EP от 12.01.2026",
            "sign_key": "bank.key",
            "public_key": "bank.key.pub",
        },
    }
    (folder / "gateway.toml").write_text(text(sections), "utf-8")
    (folder / "data").mkdir()
    assert CliRunner().invoke(app, ["catalogue", "new-key", str(folder / "bank.key")]).exit_code == 0
    return folder / "gateway.toml"


def _write(config: Path, fn: Callable[[Transaction], None]) -> None:
    async def write() -> None:
        store = config.parent / "data/gateway.db"
        opening = Spool.open(store, rooms=ROOMS, now=lambda: datetime.now(UTC), random=Random(1))
        async with await opening as spool:
            await spool.write(fn)

    asyncio.run(write())


def _act(config: Path | None, *arguments):
    order = [*map(str, arguments), *([] if config is None else ["--config", str(config)])]
    return CliRunner().invoke(app, ["act", *order], env={"COLUMNS": "120"})


@pytest.fixture
def config(tmp_path, throwaway_ca) -> Path:
    return _begin(tmp_path, throwaway_ca)


@pytest.fixture
def books(config) -> Callable[[Callable[[Transaction], None]], None]:
    return partial(_write, config)


@pytest.fixture
def act(config):
    return lambda *arguments, settings=True: _act(config if settings else None, *arguments)


@pytest.fixture(scope="module")
def signed(tmp_path_factory, throwaway_ca) -> Path:
    """Its folder: what is printed takes a second or two, and is printed once."""
    folder = tmp_path_factory.mktemp("signed")
    config = _begin(folder, throwaway_ca)
    _write(config, lambda tx: close_month(tx, MONTH))
    _write(config, lambda tx: open_case(tx, date(2026, 10, 30)))
    told = _act(config, "2026-10", "--output", folder / "acts", "--by", "asel")
    assert told.exit_code == 0, told.output
    return folder


@pytest.fixture
def made(signed, config, tmp_path) -> Path:
    """A copy of the act's JSON, signed; the other files lie beside it, and its store is `config`'s."""
    shutil.copytree(signed, tmp_path, dirs_exist_ok=True)
    return tmp_path / f"acts/{NAME}.json"


def test_an_act_is_made_signed_and_printed(made, act) -> None:
    folder = made.parent
    assert {path.name for path in folder.iterdir()} == {
        f"{NAME}{ending}" for ending in (".json", ".json.sig", ".pdf", ".xlsx")
    }
    read = document.read(made.read_bytes())
    days = sum(range(1, 32))
    assert read.accepted == Sums(count=2 * days, sum=2 * days * 100_000, fee=2 * days * 1_500)
    assert {line.title.ru for line in read.providers} != {line.provider for line in read.providers}
    assert (folder / f"{NAME}.pdf").read_bytes().startswith(b"%PDF-")
    verified = act("verify", made)
    assert verified.exit_code == 0
    assert "give the same bytes" in verified.output


def test_made_again_it_is_the_same_files_byte_for_byte(made, act, tmp_path) -> None:
    again = act("2026-10", "--output", tmp_path / "again")
    assert again.exit_code == 0
    for path in made.parent.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_once_signed_the_settings_of_later_do_not_change_it(made, act, config) -> None:
    config.write_text(config.read_text("utf-8").replace("Банк Төлем", "Другой банк"), "utf-8")
    assert "the same bytes" in act("verify", made).output


def test_a_month_with_open_days_is_refused_and_they_are_named(act, books, tmp_path) -> None:
    books(lambda tx: close_month(tx, MONTH, but=17))
    told = act("2026-10", "--output", tmp_path / "acts")
    assert told.exit_code == 2
    assert "2026-10-17" in told.output
    assert "reconcile DAY --close" in told.output
    assert not (tmp_path / "acts").exists()


def test_without_a_key_it_is_made_and_not_kept(act, books, config, tmp_path) -> None:
    config.write_text(config.read_text("utf-8").replace("sign_key", "# sign_key"), "utf-8")
    books(lambda tx: close_month(tx, MONTH))
    told = act("make", "2026-10", "--output", tmp_path)
    assert told.exit_code == 0
    assert "not yet" in told.output
    assert not (tmp_path / f"{NAME}.json.sig").exists()
    assert act("verify", tmp_path / f"{NAME}.json").exit_code == 2


def test_another_key_signs_nothing_that_is_kept(act, books, tmp_path) -> None:
    books(lambda tx: close_month(tx, MONTH))
    CliRunner().invoke(app, ["catalogue", "new-key", str(tmp_path / "other.key")])
    told = act("2026-10", "--output", tmp_path / "acts", "--key", tmp_path / "other.key")
    assert told.exit_code == 2
    assert "public_key did not make its signature" in told.output


def test_a_changed_letter_is_seen(made, act) -> None:
    made.write_bytes(made.read_bytes().replace("Төлем".encode(), "Тёлем".encode()))
    told = act("verify", made, "--key", made.parent.parent / "bank.key.pub", settings=False)
    assert told.exit_code == 2
    assert "not signed" in told.output


def test_a_changed_sum_is_seen_before_any_signature(made, act) -> None:
    made.write_bytes(made.read_bytes().replace(b'"count":31', b'"count":32', 1))
    told = act("verify", made)
    assert told.exit_code == 2
    assert "no act as it was signed" in told.output


def test_books_that_were_touched_no_longer_give_the_signed_act(made, act, books) -> None:
    def touch(tx: Transaction) -> None:
        tx.execute("DROP TRIGGER reconciled_total_kept")
        tx.execute(
            "UPDATE reconciled_total SET our_sum = our_sum + 1, eport_sum = eport_sum + 1 WHERE day = '2026-10-05'"
        )

    books(touch)
    for told in (act("2026-10", "--output", made.parent), act("verify", made)):
        assert told.exit_code == 2
        assert "do not give the act that was signed" in told.output


def _eports(made: Path, *, more: int) -> bytes:
    providers = {line.provider: line.accepted for line in document.read(made.read_bytes()).providers}
    providers["samal"] += Sums(count=1 if more else 0, sum=more)
    return eport_act.written("10001", MONTH, list(providers.items()))


@pytest.mark.parametrize(("more", "code", "words"), [(0, 0, "both acts agree"), (50_000, 1, "1 differ")])
def test_e_ports_act_is_compared_provider_by_provider(made, act, tmp_path, more, code, words) -> None:
    theirs = tmp_path / "eport.csv"
    theirs.write_bytes(_eports(made, more=more))
    told = act("compare", theirs, "--output", tmp_path)
    assert told.exit_code == code
    assert words in told.output
    assert (tmp_path / f"{NAME}-protocol.pdf").read_bytes().startswith(b"%PDF-")


def test_a_script_reads_what_differs(made, act, tmp_path) -> None:
    (tmp_path / "eport.csv").write_bytes(_eports(made, more=50_000))
    told = json.loads(act("compare", tmp_path / "eport.csv", "--output", tmp_path, "--json").stdout)
    differing = [one for one in told["providers"] if one["difference"]["sum"]]
    assert [(one["provider"], one["difference"]["sum"]) for one in differing] == [("samal", -50_000)]


def test_a_cut_off_act_of_e_port_is_refused_whole(made, act, tmp_path) -> None:
    (tmp_path / "eport.csv").write_bytes(_eports(made, more=0)[:-30])
    told = act("compare", tmp_path / "eport.csv", "--output", tmp_path)
    assert told.exit_code == 2
    assert "line 4" in told.output
    assert not list(tmp_path.glob("*protocol*"))
