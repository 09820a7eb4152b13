"""Doctor says what nobody took of our registries, and who sends none: warnings, since money may be taken all the same."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from agent import owner
from agent.doctor import report
from agent.readiness import Level
from agent.registry_findings import examine_pin, examine_registries, examine_terminals
from agent.settings import Settings, load
from agent.settings_sections import Role
from gateway.migrations import ROOMS
from gateway.registry import book
from gateway.registry.differences import watch_silence
from gateway.registry.parts import series_of
from spool import Spool
from tests.agent.test_alarms import NODE

WINDOWS = 4


def hours_ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


async def a_life(settings: Settings, at: datetime, write) -> None:
    """Of the gateway's store, at another time."""
    opened = await Spool.open(
        settings.in_data_dir(settings.gateway.store),
        rooms=ROOMS,
        now=lambda: at,
        random=Random(1),
    )
    async with opened as spool:
        await spool.write(write)


@pytest.fixture
def settings(tmp_path) -> Settings:
    path = tmp_path / "gateway.toml"
    path.write_text(NODE)
    (tmp_path / "node").mkdir(mode=0o700)
    return load(path)


async def built(settings: Settings, *, began: datetime) -> None:
    (series,) = series_of(settings.eport, None, ZoneInfo("Asia/Almaty"))
    await a_life(settings, began, lambda tx: book.begin(tx, series))
    async with owner.registries(settings, of_gateway=True) as call:
        _ = [item async for item in call("registry.build", {})]


async def found(settings: Settings) -> list:
    async with owner.registries(settings, of_gateway=True) as call:
        examined = examine_registries(call, now=owner.now(), windows=WINDOWS)
        return [one async for one in examined] + [one async for one in examine_terminals(call)]


@pytest.mark.parametrize(
    ("hours", "level", "code"),
    [(1, Level.READY, "registries.acknowledged"), (5, Level.WARNING, "registries.not_acknowledged")],
)
async def test_registries_that_wait_too_long_are_told(settings, hours, level, code) -> None:
    await built(settings, began=hours_ago(hours))
    (one,) = await found(settings)
    assert (one.part, one.level, one.code) == ("registries TECH", level, code)
    assert level is Level.READY or "tolem registry list" in one.detail


async def test_terminals_that_send_no_registries_are_named(settings) -> None:
    await built(settings, began=hours_ago(1))
    names = [f"ATM{n:05}" for n in range(7)]

    def spoke_last(tx) -> None:
        for name in names:
            tx.execute(
                "INSERT INTO terminal_progress (terminal, closes_ms, compared_ms, taken_ms, missed)"
                " VALUES (:terminal, 0, 0, 0, 0)",
                {"terminal": name},
            )

    await a_life(settings, hours_ago(6), spoke_last)
    assert len(await found(settings)) == 1
    await a_life(settings, hours_ago(0), lambda tx: watch_silence(tx, windows=WINDOWS))
    *_, one = await found(settings)
    assert (one.level, one.code) == (Level.WARNING, "terminals.registry_missing")
    assert one.detail == f"{', '.join(names[:5])} and 2 more"


async def test_doctor_of_a_gateway_says_it(settings) -> None:
    await built(settings, began=hours_ago(5))
    told = {one.code: one.level for one in (await report(settings)).findings}
    assert told["registries.not_acknowledged"] is Level.WARNING


async def test_who_takes_any_catalogue_of_a_gateway_elsewhere_is_told(settings) -> None:
    elsewhere = {"gateway_url": "https://gateway.bank.kz"}
    told = [
        list(examine_pin(settings.model_copy(update={"node": node, "agent": agent})))
        for node, agent in (
            (of_role(settings, Role.TERMINAL), settings.agent.model_copy(update=elsewhere)),
            (
                of_role(settings, Role.TERMINAL),
                settings.agent.model_copy(update={**elsewhere, "catalogue_key": "bank.pub"}),
            ),
            (of_role(settings, Role.BOTH), settings.agent),
            (of_role(settings, Role.GATEWAY), settings.agent.model_copy(update=elsewhere)),
        )
    ]
    assert [[(one.level, one.code) for one in found] for found in told] == [
        [(Level.WARNING, "catalogue.not_pinned")],
        [],
        [],
        [],
    ]


def of_role(settings: Settings, role: Role):
    return settings.node.model_copy(update={"role": role})
