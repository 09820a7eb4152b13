# ruff: noqa: PLC0415 - a store that somebody owns is asked without loading what could open it
"""Commands for a live store go to its owner's control socket; if nobody owns it, it is visited here.

Both ways answer the same items, since both are the same functions. A visit begins no life of the store.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from agent.settings import Settings
from agent.sockets import somebody_listens
from spool import ControlError, Migrations, Transaction, Visit, control_call, spool_commands
from spool.control import Command

Item = dict[str, Any]
Call = Callable[[str, Item], AsyncIterator[Item]]
Commands = AbstractAsyncContextManager[Mapping[str, Command]]


class NoStoreError(Exception):
    """Nobody has ever run what this store belongs to."""


def now() -> datetime:
    return datetime.now(UTC)


def random_bytes(length: int) -> bytes:
    return SystemRandom().randbytes(length)


def terminal(settings: Settings) -> AbstractAsyncContextManager[Call]:
    """A terminal that runs: somebody's, or one for this command alone."""
    return _owned(settings.agent_control, _terminal_here(settings))


def examined(settings: Settings) -> AbstractAsyncContextManager[Call]:
    """A terminal that runs; else what can be found out of one without beginning anything."""
    return _owned(settings.agent_control, _examined_here(settings))


def agent_store(settings: Settings) -> AbstractAsyncContextManager[Call]:
    return _owned(settings.agent_control, _agent_store_here(settings))


def gateway_store(settings: Settings) -> AbstractAsyncContextManager[Call]:
    return _owned(settings.gateway_control, _gateway_store_here(settings))


def gateway_catalogue(settings: Settings) -> AbstractAsyncContextManager[Call]:
    """Its published versions and its switches. Needs [catalogue]."""
    return _owned(settings.gateway_control, _gateway_catalogue_here(settings))


def reconciliation(settings: Settings) -> AbstractAsyncContextManager[Call]:
    """e-port's daily registries against our book. Needs [eport] and [catalogue]."""
    return _owned(settings.gateway_control, _reconciliation_here(settings))


def registries(settings: Settings, *, of_gateway: bool) -> AbstractAsyncContextManager[Call]:
    """Those that the gateway of this node makes, or its terminal."""
    if of_gateway:
        return _owned(settings.gateway_control, _gateway_registries_here(settings))
    return _owned(settings.agent_control, _agent_registries_here(settings))


def acts(settings: Settings) -> AbstractAsyncContextManager[Call]:
    """The monthly acts of this node's gateway."""
    return _owned(settings.gateway_control, _acts_here(settings))


@asynccontextmanager
async def _owned(control: Path, here: Commands) -> AsyncIterator[Call]:
    if await somebody_listens(control):
        yield partial(control_call, control)
        return
    async with here as commands:
        yield within(commands)


def within(commands: Mapping[str, Command]) -> Call:
    """The commands of this very process, asked as a control socket would be."""
    return partial(_call, commands)


async def _call(commands: Mapping[str, Command], name: str, arguments: Item) -> AsyncIterator[Item]:
    answer = commands[name](arguments)
    if isinstance(answer, AsyncIterator):
        async for item in answer:
            yield item
    else:
        yield await answer


@asynccontextmanager
async def _terminal_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from agent.terminal import open_terminal
    from agent.terminal_commands import terminal_commands

    async with open_terminal(settings, now=now, random=SystemRandom()) as running:
        yield terminal_commands(running)


@asynccontextmanager
async def _examined_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from agent.examination import examination

    async with examination(settings, now=now, random=SystemRandom()) as commands:
        yield commands


@asynccontextmanager
async def _agent_store_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from agent.migrations import ROOMS
    from agent.terminal_commands import store_commands

    yield store_commands(_visit(settings.in_data_dir(settings.agent.store), ROOMS))


@asynccontextmanager
async def _gateway_store_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from gateway.bills.moves import Moves
    from gateway.bills.payment_states import Step
    from gateway.c2b2e.commands import TransferCommands
    from gateway.enrolment.commands import TerminalsCommands
    from gateway.enrolment.terminals import ShutOut
    from gateway.migrations import ROOMS
    from gateway.operator import Operator
    from gateway.retention import Retention

    visit = _visit(settings.in_data_dir(settings.gateway.store), ROOMS)
    operator = Operator(visit, Moves(dict.fromkeys(Step, _needs_the_gateway)))
    terminals = TerminalsCommands(
        visit, ShutOut(), invite_seconds=settings.timers.invite_seconds, now=now, digest=None
    )
    yield {
        **spool_commands(visit),
        **operator.commands(),
        **TransferCommands(visit).commands(),
        **terminals.commands(),
        **Retention(visit, ()).commands(),
    }


@asynccontextmanager
async def _gateway_catalogue_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from agent.settings import gateway_part
    from certs.detached import Pins
    from gateway.migrations import ROOMS
    from gateway.providers.catalogue import load_catalogue
    from gateway.publishing.commands import CatalogueCommands
    from gateway.publishing.in_force import CatalogueInForce

    section = gateway_part(settings).catalogue
    visit = _visit(settings.in_data_dir(settings.gateway.store), ROOMS)
    pins = None if section.public_key is None else Pins.load(section.public_key)
    in_force = await CatalogueInForce.open(visit, load_catalogue(section.file), now=now)
    yield CatalogueCommands(visit, in_force, pins, now).commands()


@asynccontextmanager
async def _gateway_registries_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from agent.settings import gateway_part
    from gateway.migrations import ROOMS
    from gateway.registry.commands import RegistryCommands
    from gateway.registry.parts import alarm, series_of
    from gateway.registry.rounds import Rounds
    from gateway.registry.terminals import TerminalRegistries

    part = gateway_part(settings)
    visit = _visit(settings.in_data_dir(settings.gateway.store), ROOMS)
    series = series_of(part.eport, part.central, ZoneInfo(part.node.time_zone))
    made = RegistryCommands(visit, Rounds(visit, series, now=now, raise_alarm=alarm))
    yield {**made.commands(), **TerminalRegistries(visit).commands()}


@asynccontextmanager
async def _reconciliation_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from agent.settings import gateway_part
    from gateway.bills.moves import Moves
    from gateway.bills.payment_states import Step
    from gateway.migrations import ROOMS
    from gateway.providers.catalogue import load_catalogue
    from gateway.publishing.in_force import CatalogueInForce
    from gateway.reconciliation.parts import reconciliation_of

    part = gateway_part(settings)
    visit = _visit(settings.in_data_dir(settings.gateway.store), ROOMS)
    zone = ZoneInfo(part.node.time_zone)
    moves = Moves(dict.fromkeys(Step, _needs_the_gateway), time_zone=zone)
    catalogue = await CatalogueInForce.open(visit, load_catalogue(part.catalogue.file), now=now)
    made = reconciliation_of(visit, moves, part, None, catalogue.catalogue, time_zone=zone, now=now)
    yield made.commands.commands()


@asynccontextmanager
async def _acts_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from agent.settings import gateway_part
    from gateway.act.acts import acts_of
    from gateway.act.commands import ActCommands
    from gateway.migrations import ROOMS
    from gateway.providers.catalogue import load_catalogue
    from gateway.publishing.in_force import CatalogueInForce
    from gateway.reconciliation.facts import act_facts

    part = gateway_part(settings)
    visit = _visit(settings.in_data_dir(settings.gateway.store), ROOMS)
    catalogue = await CatalogueInForce.open(visit, load_catalogue(part.catalogue.file), now=now)
    yield ActCommands(visit, acts_of(act_facts, part, catalogue.catalogue)).commands()


@asynccontextmanager
async def _agent_registries_here(settings: Settings) -> AsyncIterator[Mapping[str, Command]]:
    from agent.migrations import ROOMS
    from agent.registry import installation, registry_commands

    visit = _visit(settings.in_data_dir(settings.agent.store), ROOMS)
    installed = await visit.write(lambda tx: installation(tx, random_bytes))
    zone = ZoneInfo(settings.node.time_zone)
    yield registry_commands(visit, settings.node.id, installed, zone, now=now).commands()


def _needs_the_gateway(_tx: Transaction, _payment: object) -> NoReturn:
    raise ControlError("not_running", "the gateway does not run, and only it can do this: start it first")


def _visit(path: Path, rooms: Sequence[Migrations]) -> Visit:
    """Looking at a store that was never made must not make one."""
    if not path.exists():
        raise NoStoreError(f"{path} does not exist")
    return Visit(path, rooms=rooms, now=now)
