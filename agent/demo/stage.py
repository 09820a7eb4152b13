"""Sandbox, gateway and terminals as processes of their own, joined over mutual TLS.

sandbox ◄─ e-port's wire, ISO 8583 ─ gateway ◄─ mutual TLS (through a relay, for its faults) ─ terminals
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent import owner, sample_settings
from agent.demo.starting import (
    answers,
    exists,
    free_port,
    pair,
    start_node,
    start_process,
    stop_all,
    until,
    write_settings,
)
from agent.processes import Running
from agent.sample_settings import PLACES, SandboxPlaces, Section, Sections, gateway_sections
from agent.technician.pin_file import NAME, PinFile
from certs.throwaway import ThrowawayCa
from gateway.sandbox.relay import Relay
from spool import control_call

SERVICE_PIN: Final = "702915"  # of a terminal to play with


@dataclass(frozen=True)
class TerminalPlace:
    terminal_id: str
    data_dir: Path
    ports: Sequence[int] = ()  # of its pages, on loopback

    def call(self, command: str, arguments: dict[str, Any] | None = None) -> AsyncIterator[dict[str, Any]]:
        return control_call(self.data_dir / "agent.control", command, arguments)


@dataclass(frozen=True)
class Stage:
    folder: Path
    sandbox: SandboxPlaces
    gateway_dir: Path
    relay: Relay
    terminals: Sequence[TerminalPlace]
    processes: list[Running]

    def gateway(self, command: str, arguments: dict[str, Any] | None = None) -> AsyncIterator[dict[str, Any]]:
        return control_call(self.gateway_dir / "gateway.control", command, arguments)

    def check(self) -> None:
        """ProcessDiedError if any of them is no longer there."""
        for process in self.processes:
            process.check()

    async def cut_power(self, place: TerminalPlace) -> None:
        """Kill a terminal in the middle of whatever it does, and start it again; returns when it answers."""
        [at] = [at for at, process in enumerate(self.processes) if process.name == place.terminal_id]
        await self.processes[at].kill()
        self.processes[at] = await start_node(self.folder, place.terminal_id, "agent")
        await until(lambda: _serves(place), self.processes)


@asynccontextmanager
async def set_up(
    folder: Path, *, terminals: int, timers: Section | None = None, terminal: Sections | None = None
) -> AsyncIterator[Stage]:
    """Everything up and answering, in `folder`; ended and gone after the block.

    `timers` are everybody's, the sections of `terminal` each terminal's; what neither names is as sold.
    """
    timed: Sections = {"timers": timers or {}}
    processes: list[Running] = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(stop_all, processes)
        sandbox_dir = folder / "sandbox"
        processes.append(await start_process(folder, "sandbox", "sandbox", "--folder", str(sandbox_dir)))
        await until(lambda: exists(sandbox_dir / PLACES), processes)
        sandbox = SandboxPlaces.model_validate_json((sandbox_dir / PLACES).read_text("utf-8"))

        ca = ThrowawayCa(folder / "certs", now=lambda: datetime.now(UTC), name="Demo terminals CA")
        address = f"127.0.0.1:{free_port()}"
        gateway_dir = folder / "gateway"
        write_settings(folder, "gateway", {**_gateway(ca, sandbox, address, gateway_dir), **timed})
        processes.append(await start_node(folder, "gateway", "gateway"))
        await until(lambda: answers(gateway_dir / "gateway.control"), processes)

        relay = Relay(("127.0.0.1", int(address.rpartition(":")[2])))
        stack.push_async_callback(relay.close)
        port = free_port()
        await relay.start(("127.0.0.1", port))
        names = [f"ATM{n:05d}" for n in range(1, terminals + 1)]
        places = [TerminalPlace(name, folder / name, _ports(terminal or {})) for name in names]
        for place in places:
            own = _terminal(ca, place, f"https://127.0.0.1:{port}")
            write_settings(folder, place.terminal_id, {**own, **timed, **(terminal or {})})
            processes.append(await start_node(folder, place.terminal_id, "agent"))
        for place in places:
            await until(lambda: _serves(place), processes)  # noqa: B023 - awaited here
        yield Stage(folder, sandbox, gateway_dir, relay, places, processes)


@dataclass(frozen=True)
class Playground:
    """One terminal with a screen, at which a person does everything by hand."""

    stage: Stage
    kiosk_url: str
    panel_port: int  # from which alone the screen may be framed
    service_url: str  # the technician's page, which opens with SERVICE_PIN


@asynccontextmanager
async def playground(
    folder: Path, *, timers: Section | None = None, devices: Sections | None = None
) -> AsyncIterator[Playground]:
    """As `set_up`. Unless `timers` are told, people have their time, and what only waits comes quickly."""
    panel, kiosk, service = free_port(), free_port(), free_port()
    terminal: Sections = {
        **(sample_settings.by_hand() if devices is None else devices),
        "agent.kiosk": {"listen": f"127.0.0.1:{kiosk}", "framed_by": f"http://127.0.0.1:{panel}"},
        "agent.service": {"listen": f"127.0.0.1:{service}"},
    }
    timers = {**sample_settings.quick_repeats(), "look_seconds": 1.0} if timers is None else timers
    async with set_up(folder, terminals=1, timers=timers, terminal=terminal) as stage:
        pin = PinFile(stage.terminals[0].data_dir / NAME, now=owner.now, random_bytes=owner.random_bytes)
        await asyncio.to_thread(pin.set, SERVICE_PIN)
        yield Playground(stage, f"http://127.0.0.1:{kiosk}", panel, f"http://127.0.0.1:{service}/")


def _gateway(ca: ThrowawayCa, sandbox: SandboxPlaces, address: str, data_dir: Path) -> Sections:
    own = ca.issue("gateway")
    return {
        "node": {"id": "gateway", "role": "gateway", "data_dir": data_dir},
        "gateway": {"listen": address, **pair(own), "terminal_ca": ca.ca_path},
        **gateway_sections(sandbox),
    }


def _terminal(ca: ThrowawayCa, place: TerminalPlace, gateway_url: str) -> Sections:
    own = ca.issue(place.terminal_id, server_names=())
    return {
        "node": {"id": place.terminal_id, "role": "terminal", "data_dir": place.data_dir},
        "agent": {
            "gateway_url": gateway_url,
            **pair(own),
            "ca": ca.ca_path,
            "owner": "Tolem Bank",
            "address": "Алматы, Достық даңғылы 1",
            "phone": "+7 700 000 00 00",
        },
        **sample_settings.DEVICES,
    }


async def _serves(place: TerminalPlace) -> bool:
    """Its commands answer first, its pages after them."""
    if not await answers(place.data_dir / "agent.control"):
        return False
    for port in place.ports:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
    return True


def _ports(sections: Sections) -> Sequence[int]:
    listens = (
        str(section.get("listen", "")) for name, section in sections.items() if name.startswith("agent.")
    )
    return [int(listen.rpartition(":")[2]) for listen in listens if listen]
