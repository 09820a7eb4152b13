"""The settings file of a node: one TOML file, every key known (PROTOCOLS §9).

`load` reads it and refuses it whole, before anything is opened: each line of the error names the path
of a key, what is wrong with it and what to write. Relative paths are relative to the file. Which
sections must be there follows from `node.role`:

| role | what runs here | sections |
|---|---|---|
| terminal | the agent; its gateway is elsewhere | node, agent, devices |
| gateway | the gateway, for many terminals | node, gateway, eport, card_host, catalogue |
| both | agent and gateway of one terminal, joined by a Unix socket | all of them |
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, get_args

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from agent.settings_sections import AgentSection, DeviceSection, Limits, Node, Role, Timers
from devices.drivers import OPTIONAL, DeviceClass, check_choice
from devices.errors import UnknownDriverError
from gateway.contract import TerminalId
from gateway.office_settings import ActSection, OfficeSection, office_faults
from gateway.setting_values import Section
from gateway.settings import (
    CardHostSection,
    CatalogueSection,
    CentralSection,
    EportSection,
    GatewaySection,
    RetentionSection,
    SettingsError,
    check_hold_life,
    check_served_registries,
)
from gateway.transfer_settings import TransfersSection

_TERMINAL_ID = TypeAdapter(TerminalId)


class Settings(Section):
    node: Node
    agent: AgentSection = Field(default_factory=AgentSection)
    devices: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], DeviceSection] = Field(
        default_factory=dict
    )
    gateway: GatewaySection = Field(default_factory=GatewaySection)
    eport: EportSection | None = None
    central: CentralSection | None = None
    card_host: CardHostSection | None = None
    catalogue: CatalogueSection | None = None
    act: ActSection | None = None
    office: OfficeSection | None = None
    transfers: TransfersSection | None = None
    timers: Timers = Field(default_factory=Timers)
    limits: Limits = Field(default_factory=Limits)
    retention: RetentionSection = Field(default_factory=RetentionSection)

    @property
    def role(self) -> Role:
        """As set; else by the sections: devices make a terminal, `[eport]` makes a gateway."""
        if self.node.role is not None:
            return self.node.role
        if not self.devices:
            return Role.GATEWAY
        return Role.TERMINAL if self.eport is None else Role.BOTH

    def in_data_dir(self, name: Path) -> Path:
        """`name` below `node.data_dir`, unless it is absolute."""
        return self.node.data_dir / name

    @property
    def gateway_socket(self) -> Path:
        """Where a gateway of this machine listens for its terminal."""
        return self.agent.socket or self.in_data_dir(self.gateway.socket)

    @property
    def agent_control(self) -> Path:
        return self.in_data_dir(self.agent.control)

    @property
    def gateway_control(self) -> Path:
        return self.in_data_dir(self.gateway.control)


@dataclass(frozen=True)
class GatewayPart:
    """The sections of a node that runs a gateway, all of them there (`gateway.settings.GatewaySettings`)."""

    node: Node
    gateway: GatewaySection
    eport: EportSection
    central: CentralSection | None
    card_host: CardHostSection
    catalogue: CatalogueSection
    act: ActSection | None
    office: OfficeSection | None
    transfers: TransfersSection | None
    timers: Timers
    limits: Limits
    retention: RetentionSection


def load(path: Path) -> Settings:
    """Raises SettingsError, whose lines are for a person; nothing was opened or changed."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read: {error.strerror}; give the path with --config"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from None
    try:
        settings = Settings.model_validate(table, context={"folder": path.absolute().parent})
    except ValidationError as refused:
        raise SettingsError(*(_line(path, fault) for fault in refused.errors(include_url=False))) from None
    if faults := list(_faults(settings)):
        raise SettingsError(*(f"{path}: {fault}" for fault in faults))
    return settings


def gateway_part(settings: Settings) -> GatewayPart:
    """The gateway's sections. SettingsError if this node cannot run one."""
    if settings.eport is None or settings.card_host is None or settings.catalogue is None:
        raise SettingsError(
            "settings: a gateway needs [eport], [card_host] and [catalogue]; add them, or run it elsewhere"
        )
    return GatewayPart(
        node=settings.node,
        gateway=settings.gateway,
        eport=settings.eport,
        central=settings.central,
        card_host=settings.card_host,
        catalogue=settings.catalogue,
        act=settings.act,
        office=settings.office,
        transfers=settings.transfers,
        timers=settings.timers,
        limits=settings.limits,
        retention=settings.retention,
    )


def _faults(settings: Settings) -> Iterator[str]:
    if settings.role.has_gateway:
        yield from _faults_of_gateway(settings)
    if settings.role.has_terminal:
        yield from _faults_of_terminal(settings)


def _faults_of_gateway(settings: Settings) -> Iterator[str]:
    role = settings.role.value
    for name in ("eport", "card_host", "catalogue"):
        if getattr(settings, name) is None:
            yield f"{name}: missing, and role {role!r} runs a gateway; add [{name}], or change node.role"
    yield from office_faults(settings.office, settings.gateway.cert, settings.gateway.key)
    try:
        check_served_registries(settings.gateway, settings.eport, settings.central)
        if settings.card_host is not None:
            check_hold_life(settings.timers, settings.card_host)
    except SettingsError as fault:
        yield from fault.lines


def _faults_of_terminal(settings: Settings) -> Iterator[str]:
    try:
        _TERMINAL_ID.validate_python(settings.node.id)
    except ValidationError:
        yield "node.id: a terminal's id is 1 to 8 letters and digits, such as ATM00017"
    agent = settings.agent
    if not settings.role.has_gateway and agent.gateway_url is None and agent.socket is None:
        yield "agent: where is the gateway? set gateway_url, or socket"
    present = Counter(device.device_class for device in settings.devices.values())
    for wanted in DeviceClass:
        if present[wanted] != 1 and not (wanted in OPTIONAL and present[wanted] == 0):
            yield f"devices: {present[wanted]} of class {wanted.value!r}, and a terminal has one"
    for name, device in settings.devices.items():
        try:
            check_choice(device.device_class, device)
        except UnknownDriverError as fault:
            yield f"devices.{name}: {fault}"


def _line(path: Path, fault: ErrorDetails) -> str:
    where = ".".join(str(part) for part in fault["loc"]) or "settings"
    if fault["type"] == "extra_forbidden":
        return f"{path}: {where}: no such key{_suggestion(fault['loc'])}"
    if fault["type"] == "missing":
        return f"{path}: {where}: missing; add it"
    return f"{path}: {where}: {fault['msg'].removeprefix('Value error, ')}"


def _suggestion(loc: tuple[int | str, ...]) -> str:
    """The nearest key that does exist where `loc` points to."""
    *above, key = loc
    section: type[BaseModel] = Settings
    for name in above:
        section = _sections(section).get(str(name), section)
    known = sorted(field.alias or name for name, field in section.model_fields.items())
    near = get_close_matches(str(key), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def _sections(section: type[BaseModel]) -> Mapping[str, type[BaseModel]]:
    return {
        name: model
        for name, field in section.model_fields.items()
        for model in (field.annotation, *get_args(field.annotation))
        if isinstance(model, type) and issubclass(model, BaseModel)
    }
