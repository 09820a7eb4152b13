"""Settings files for trying things out: a node beside a sandbox, its devices emulated."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict

from agent.settings_sections import Timers
from devices.drivers import EMULATOR_BY_HAND
from gateway.sandbox.server import Sandbox

Section = Mapping[str, Any]
Sections = Mapping[str, Section]

PLACES: Final = "sandbox.json"  # in a sandbox's folder: its `SandboxPlaces`
POINT: Final = "10001"
ACQUIRER: Final = "400001"  # field 32
MERCHANT: Final = "TOLEM0000000001"  # field 42
DEMO_CATALOGUE: Final = Path(str(files("gateway.providers") / "demo.toml"))

DEVICES: Final[Sections] = {
    "devices.reader": {"class": "card_reader", "driver": "emv", "port": "emulator"},
    "devices.pin_pad": {"class": "pin_pad", "driver": "visa", "port": "emulator", "code_page": "kz1048"},
    "devices.printer": {"class": "receipt_printer", "driver": "escpos", "port": "emulator"},
}


def through_pcscd(devices: Sections) -> Sections:
    """The same devices, their card in a virtual reader behind a real pcscd."""
    return {**devices, "devices.reader": {**devices["devices.reader"], "driver": "pcsc"}}


def by_hand() -> Sections:
    """`DEVICES` and a scanner, at which a person does everything."""
    scanner: Section = {"class": "barcode_reader", "driver": "serial"}
    devices = {**DEVICES, "devices.scanner": scanner}
    return {name: {**device, "port": EMULATOR_BY_HAND} for name, device in devices.items()}


_NOT_SCALED: Final = frozenset(
    # how long to wait for people, devices and our own end, and not for the wires of PROTOCOLS
    {
        *("card_seconds", "pin_seconds", "receipt_seconds", "take_card_seconds", "shutdown_seconds"),
        *("pad_ack_seconds", "pad_write_seconds", "pad_answer_seconds", "pad_diagnostic_seconds"),
        *("pad_eot_seconds", "apdu_seconds", "printer_answer_seconds", "device_look_seconds"),
        *("more_time_seconds", "start_again_seconds", "read_seconds", "look_seconds"),
        "service_idle_seconds",
    }
)


class SandboxPlaces(BaseModel):
    """Where a running sandbox listens, and the files that its clients need."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    eport_url: str
    card_host: str
    card_host_tls: bool
    central_url: str
    admin_url: str
    ca: Path
    client_cert: Path
    client_key: Path

    @classmethod
    def of(cls, sandbox: Sandbox, *, card_host_tls: bool = False) -> Self:
        host, port = sandbox.card_host
        return cls(
            eport_url=sandbox.eport_url,
            card_host=f"{host}:{port}",
            card_host_tls=card_host_tls,
            central_url=sandbox.central_url,
            admin_url=sandbox.admin_url,
            ca=sandbox.ca,
            client_cert=sandbox.bank.certificate,
            client_key=sandbox.bank.key,
        )


def gateway_sections(sandbox: SandboxPlaces) -> Sections:
    """e-port, card host, central system and the demo catalogue."""
    return {
        "eport": {
            "url": sandbox.eport_url,
            "point": POINT,
            "client_cert": sandbox.client_cert,
            "client_key": sandbox.client_key,
            "ca": sandbox.ca,
        },
        "card_host": {
            "address": sandbox.card_host,
            "acquirer": ACQUIRER,
            "merchant": MERCHANT,
            **({"tls": True, "ca": sandbox.ca} if sandbox.card_host_tls else {}),
        },
        "central": {
            "url": sandbox.central_url,
            "client_cert": sandbox.client_cert,
            "client_key": sandbox.client_key,
            "ca": sandbox.ca,
        },
        "catalogue": {"file": DEMO_CATALOGUE},
    }


def hundredth() -> Section:
    """`[timers]`: every timer of PROTOCOLS a hundred times shorter, so that hours pass in seconds."""
    return {
        name: _shortened(field.default)
        for name, field in Timers.model_fields.items()
        if name.endswith("_seconds") and name not in _NOT_SCALED
    }


def _shortened(seconds: float | tuple[float, ...]) -> float | list[float]:
    return [one / 100 for one in seconds] if isinstance(seconds, tuple) else seconds / 100


def quick_repeats() -> Section:
    """`[timers]`: people and answers have their real time, repeats and questions about a fate a hundredth."""
    return {name: value for name, value in hundredth().items() if "resend" in name or "status" in name}


def text(sections: Sections, *, comment: str = "") -> str:
    """TOML. Values are texts, paths, numbers and truth values."""
    lines = [f"# {line}" for line in comment.splitlines()]
    for name, section in sections.items():
        lines += ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in section.items())]
    return "\n".join(lines).lstrip("\n") + "\n"


def _value(value: object) -> str:
    """JSON writes these kinds of value as TOML does."""
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
