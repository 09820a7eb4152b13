"""Two banks and the transfers platform as processes of their own, joined over HTTPS.

customers' terminals ─► payer's gateway ◄─ signed ISO 20022 ─► platform ◄─ … ─► payee's gateway ◄─ shops' terminals

The platform's process holds both banks' card hosts too, each with a ledger of its own.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent import sample_settings
from agent.demo.stage import TerminalPlace
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
from agent.sample_settings import SandboxPlaces, Section, Sections, gateway_sections
from agent.sample_transfers import PLACES, PlatformPlaces, transfers_sections
from certs.throwaway import ThrowawayCa
from gateway.sandbox.relay import Relay
from spool import control_call

PAYER: Final = "AAA"
PAYEE: Final = "BBB"
_PLATFORM: Final = "platform"
_ON: Final = "127.0.0.1"
_FEE: Final[Section] = {"percent": "0.50", "minimum": "20.00"}  # of the payer's bank, on top of the sum


@dataclass(frozen=True)
class Bank:
    """One side of the platform. Its terminals reach its gateway through `relay`, for the network's faults."""

    bank_id: str
    sandbox: SandboxPlaces
    gateway_dir: Path
    relay: Relay
    terminals: Sequence[TerminalPlace]

    def gateway(self, command: str, arguments: dict[str, Any] | None = None) -> AsyncIterator[dict[str, Any]]:
        return control_call(self.gateway_dir / "gateway.control", command, arguments)


@dataclass(frozen=True)
class TransferStage:
    """Each customer's terminal stands in the shop of the till with the same number."""

    folder: Path
    platform: PlatformPlaces
    payer: Bank
    payee: Bank
    processes: Sequence[Running]

    @property
    def banks(self) -> tuple[Bank, Bank]:
        return self.payer, self.payee

    def check(self) -> None:
        """ProcessDiedError if any of them is no longer there."""
        for process in self.processes:
            process.check()


@asynccontextmanager
async def set_up(
    folder: Path,
    *,
    shops: int,
    timers: Section | None = None,
    platform_timers: Section | None = None,
    devices: Sections = sample_settings.DEVICES,
) -> AsyncIterator[TransferStage]:
    """Everything up and answering, in `folder`; ended and gone after the block.

    `timers` are everybody's but the platform's, which has `platform_timers`; what neither names is as sold.
    """
    processes: list[Running] = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(stop_all, processes)
        ports = {PAYER: free_port(), PAYEE: free_port()}
        (folder / f"{_PLATFORM}.toml").write_text(_platform(ports, platform_timers or {}), "utf-8")
        places = folder / _PLATFORM / PLACES
        options = ("--folder", str(folder / _PLATFORM), "--settings", str(folder / f"{_PLATFORM}.toml"))
        processes.append(
            await start_process(folder, _PLATFORM, "sandbox", "platform", *options, "--with-banks")
        )
        await until(lambda: exists(places), processes)
        platform = PlatformPlaces.model_validate_json(places.read_text("utf-8"))
        ca = ThrowawayCa(folder / "certs", now=lambda: datetime.now(UTC), name="Demo terminals CA")
        opening = _Opening(folder, platform, ca, {"timers": timers or {}}, devices, processes)
        payer = await opening.bank(stack, PAYER, ports[PAYER], [f"ATM{n:05d}" for n in range(1, shops + 1)])
        payee = await opening.bank(stack, PAYEE, ports[PAYEE], [f"POS{n:05d}" for n in range(1, shops + 1)])
        for place in (*payer.terminals, *payee.terminals):
            await until(lambda: answers(place.data_dir / "agent.control"), processes)  # noqa: B023 - awaited here
        yield TransferStage(folder, platform, payer, payee, processes)


@dataclass(frozen=True)
class _Opening:
    """What both banks are opened with."""

    folder: Path
    platform: PlatformPlaces
    ca: ThrowawayCa
    timed: Sections
    devices: Sections
    processes: list[Running]

    async def bank(self, stack: AsyncExitStack, bank_id: str, listen: int, names: Sequence[str]) -> Bank:
        """A gateway that is ready, and its terminals, which are starting."""
        sandbox = self.platform.bank(bank_id).sandbox
        assert sandbox is not None, "the platform was started with banks"
        name, address = f"gateway-{bank_id}", f"{_ON}:{free_port()}"
        write_settings(self.folder, name, self._gateway(bank_id, name, address, listen, names))
        self.processes.append(await start_node(self.folder, name, "gateway"))
        await until(lambda: answers(self.folder / name / "gateway.control"), self.processes)
        relay = Relay((_ON, int(address.rpartition(":")[2])))
        stack.push_async_callback(relay.close)
        port = free_port()
        await relay.start((_ON, port))
        places = [TerminalPlace(terminal_id, self.folder / terminal_id) for terminal_id in names]
        serves = "links" if bank_id == PAYER else "sales"
        for place in places:
            own = self._terminal(place, f"https://{_ON}:{port}", serves)
            write_settings(self.folder, place.terminal_id, own)
            self.processes.append(await start_node(self.folder, place.terminal_id, "agent"))
        return Bank(bank_id, sandbox, self.folder / name, relay, places)

    def _gateway(
        self, bank_id: str, name: str, address: str, listen: int, terminals: Sequence[str]
    ) -> Sections:
        own = self.platform.bank(bank_id)
        assert own.sandbox is not None, "the platform was started with banks"
        sells = terminals if bank_id == PAYEE else ()
        return {
            "node": {"id": name, "role": "gateway", "data_dir": self.folder / name},
            "gateway": {"listen": address, **pair(self.ca.issue(name)), "terminal_ca": self.ca.ca_path},
            **gateway_sections(own.sandbox),
            **transfers_sections(
                self.platform, own, listen=f"{_ON}:{listen}", payer=bank_id == PAYER, tills=sells
            ),
            **({"transfers.fee": _FEE} if bank_id == PAYER else {}),
            **self.timed,
        }

    def _terminal(self, place: TerminalPlace, gateway_url: str, serves: str) -> Sections:
        own = self.ca.issue(place.terminal_id, server_names=())
        return {
            "node": {"id": place.terminal_id, "role": "terminal", "data_dir": place.data_dir},
            "agent": {
                "gateway_url": gateway_url,
                **pair(own),
                "ca": self.ca.ca_path,
                "serves": [serves],
                "owner": "Tolem Bank",
                "address": "Алматы, Достық даңғылы 1",
                "phone": "+7 700 000 00 00",
            },
            **self.devices,
            **self.timed,
        }


def _platform(ports: dict[str, int], timers: Section) -> str:
    """Its settings. A table of an array is written by hand: no other settings have one."""
    banks = "".join(
        f'\n[[participant]]\nbank_id = "{bank_id}"\nbic = "{bank_id}AKZKA"\nurl = "https://{_ON}:{port}"\n'
        for bank_id, port in ports.items()
    )
    return sample_settings.text({"scripted_bank": {"links": 0}, "timers": timers}) + banks
