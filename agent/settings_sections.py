"""The sections of the settings file that the terminal reads; the gateway's own are in `gateway.settings`."""

import codecs
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from agent.journeys.ports import JourneyTimers
from agent.orders import Serves
from agent.texts import Language
from devices.drivers import DeviceClass, DeviceTimers, PadOptions
from devices.escpos.printer import PrinterTimers
from devices.visa_pad.link import PadTimers
from devices.visa_pad.pin_entry import MasterSession
from gateway.setting_values import (
    Address,
    Count,
    FilePath,
    HttpsUrl,
    LoopbackAddress,
    Seconds,
    Section,
    is_loopback,
)
from gateway.settings import LimitsSection, NodeSection, TimersSection


class Role(StrEnum):
    TERMINAL = "terminal"
    GATEWAY = "gateway"
    BOTH = "both"

    @property
    def has_terminal(self) -> bool:
        return self is not Role.GATEWAY

    @property
    def has_gateway(self) -> bool:
        return self is not Role.TERMINAL


class Node(NodeSection):
    """`[node]`. A terminal's `id` is what e-port and the card host know it by: 1 to 8 letters and digits."""

    role: Role | None = None


def _this_machine(address: str) -> str:
    if not is_loopback(address):
        raise ValueError(
            "this page is the machine's own: listen on a loopback address, such as 127.0.0.1:8090"
        )
    return address


class KioskSection(Section):
    """`[agent.kiosk]`: the customer's screen; without this section there is none.

    `listen`: port 0 is any free one. `framed_by`: the one origin whose page may frame it, as the demo's does.
    """

    listen: Annotated[Address, AfterValidator(_this_machine)] = "127.0.0.1:8090"
    framed_by: Annotated[str, StringConstraints(pattern=r"^http://127\.0\.0\.1:[0-9]{1,5}$")] | None = None


class ServiceSection(Section):
    """`[agent.service]`: the technician's page; without this section there is none.

    `listen`: port 0 is any free one. From elsewhere it is reached through ssh, which brings its own keys.
    """

    listen: Annotated[Address, AfterValidator(_this_machine)] = "127.0.0.1:8091"


class AgentSection(Section):
    """`[agent]`: the process at the terminal.

    `gateway_url` with `cert`, `key` and `ca` reaches a gateway elsewhere over mutual TLS, `socket` one
    on this machine; with neither the gateway is this node's own. `enrol_url` is where that gateway gives a
    certificate to a terminal that has none. `store` and `control` are names in
    `data_dir` unless they are absolute. `serves`: what a person can do here, of bills, links and sales. `owner`, `address` and `phone` are printed on receipts.
    """

    gateway_url: HttpsUrl | None = None
    socket: FilePath | None = None
    cert: FilePath | None = None
    key: FilePath | None = None
    ca: FilePath | None = None
    catalogue_key: FilePath | None = None  # PEM: only what this key has signed is taken for a catalogue
    enrol_url: HttpsUrl | None = None
    store: Path = Path("agent.db")
    control: Path = Path("agent.control")
    serves: Annotated[tuple[Serves, ...], Field(min_length=1)] = (Serves.BILLS,)
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("ru", "kk", "en")
    owner: str = "Tolem"
    address: str = ""
    phone: str = ""
    kiosk: KioskSection | None = None
    service: ServiceSection | None = None
    monitor: LoopbackAddress | None = None  # /livez, /readyz and /metrics of the terminal

    @model_validator(mode="after")
    def _one_way_to_the_gateway(self) -> "AgentSection":
        if self.gateway_url and self.socket:
            raise ValueError("gateway_url and socket are two ways to one gateway: keep one of them")
        missing = [name for name in ("cert", "key", "ca") if getattr(self, name) is None]
        if self.gateway_url and missing:
            raise ValueError(f"gateway_url is mutual TLS: set {', '.join(missing)} too")
        return self


def _code_page(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"no code page {name!r}; there are ascii, cp866, kz1048, utf-8") from None


BAUD_RATES = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


def _baud(rate: int) -> int:
    if rate not in BAUD_RATES:
        raise ValueError(f"no speed of a serial line; there are {', '.join(map(str, BAUD_RATES))}")
    return rate


class DeviceSection(Section):
    """`[devices.<name>]`. `port`: what `devices.port_names` lists, a PC/SC reader's name, `emulator` or
    `emulator_by_hand`. Of a PIN pad: `code_page` of its display, and `master_key`, the place of the key
    that it uses instead of DUKPT. `baud`: the speed of a serial line, 8N1; a USB printer and a network have none.
    """

    device_class: Annotated[DeviceClass, Field(alias="class")]
    driver: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    port: Annotated[str, StringConstraints(min_length=1)]
    baud: Annotated[int, AfterValidator(_baud), Field(strict=True)] = 9600
    code_page: Annotated[str, AfterValidator(_code_page)] = "ascii"
    master_key: Annotated[int, Field(ge=0, le=9, strict=True)] | None = None

    @model_validator(mode="after")
    def _only_of_a_pad(self) -> "DeviceSection":
        pads = self.model_fields_set & {"code_page", "master_key"}
        if pads and self.device_class is not DeviceClass.PIN_PAD:
            raise ValueError(f"{', '.join(sorted(pads))}: only a pin_pad has that")
        return self

    @model_validator(mode="after")
    def _only_of_a_serial_line(self) -> "DeviceSection":
        elsewhere = self.device_class is DeviceClass.CARD_READER or self.port.startswith("tcp:")
        if "baud" in self.model_fields_set and elsewhere:
            raise ValueError("baud: only a serial line has a speed")
        return self

    def pad(self) -> PadOptions:
        session = None if self.master_key is None else MasterSession(self.master_key)
        return PadOptions(self.code_page, session)


class Timers(TimersSection):
    """`[timers]`: the gateway's, and how long the terminal waits for people, devices and the gateway."""

    card_seconds: Seconds = 60
    pin_seconds: Seconds = 60
    receipt_seconds: Seconds = 30
    take_card_seconds: Seconds = 30
    more_time_seconds: Seconds = 60  # without a touch, until a person is asked whether they need more time
    start_again_seconds: Seconds = 90  # without a touch, until the screen belongs to the next person
    read_seconds: Seconds = 45  # how long an ending stays on the screen
    look_seconds: Seconds = (
        15  # how often the screen asks whether the terminal is ready, while nobody is there
    )
    service_idle_seconds: Seconds = 600  # without a word of the technician, until customers are served again
    ask_again_seconds: Seconds = 1
    unblocking_seconds: Seconds = 3
    gateway_connect_seconds: Seconds = 5
    gateway_answer_seconds: Seconds = 20  # longer than the gateway's own check_seconds
    journal_batch_seconds: Seconds = 5
    catalogue_poll_seconds: Seconds = 30  # a provider that is switched off is gone from the screen within it
    resolve_resend_seconds: Seconds = 300
    resolve_resend_count: Count = 4
    resolve_resend_then_seconds: Seconds = 1800
    pad_ack_seconds: Seconds = 2
    pad_write_seconds: Seconds = 2
    pad_answer_seconds: Seconds = 5
    pad_diagnostic_seconds: Seconds = 60
    pad_eot_seconds: Seconds = 0.2
    apdu_seconds: Seconds = 10
    device_look_seconds: Seconds = 10  # how often a device that is well is asked whether it still is
    printer_answer_seconds: Seconds = 1

    def devices(self) -> DeviceTimers:
        return DeviceTimers(
            pad=PadTimers(
                ack_seconds=self.pad_ack_seconds,
                write_seconds=self.pad_write_seconds,
                answer_seconds=self.pad_answer_seconds,
                diagnostic_seconds=self.pad_diagnostic_seconds,
                perhaps_eot_seconds=self.pad_eot_seconds,
            ),
            printer=PrinterTimers(status_seconds=self.printer_answer_seconds),
            apdu_seconds=self.apdu_seconds,
        )

    def journey(self) -> JourneyTimers:
        return JourneyTimers(
            told_seconds=self.in_processing_seconds,
            card_seconds=self.card_seconds,
            pin_seconds=self.pin_seconds,
            receipt_seconds=self.receipt_seconds,
            take_card_seconds=self.take_card_seconds,
            ask_again_seconds=self.ask_again_seconds,
            unblocking_seconds=self.unblocking_seconds,
        )


class Limits(LimitsSection):
    clock_skew_seconds: Seconds = 120  # against the gateway's clock; beyond it no money is taken
