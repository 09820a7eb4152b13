"""The sections of the settings file that the gateway reads (PROTOCOLS §9).

The file as a whole is composed where it is read, from these models and others. Unknown keys are
errors; a relative path is relative to the folder that the validation context names as `folder`
(the settings file's own). Elapsed times are seconds, and each timer of PROTOCOLS §2.4 and §5 has its
name here with the default of the text.
"""

from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from gateway.office_settings import ActSection, OfficeSection
from gateway.setting_values import (
    Address,
    Count,
    CredentialName,
    Days,
    FilePath,
    Flag,
    HttpsUrl,
    LoopbackAddress,
    RegistryNumber,
    Seconds,
    Section,
    TimeZone,
    is_loopback,
)
from gateway.transfer_settings import TransfersSection, TransferTimersSection

DAY_SECONDS: Final = 86_400


class SettingsError(Exception):
    """One or more settings that nothing may start with. Each line: path, what is wrong, what to do."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class NodeSection(Section):
    """`[node]`: who this machine is. Everything that it keeps lies in `data_dir`."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
    data_dir: FilePath
    time_zone: TimeZone = "Asia/Almaty"


class GatewaySection(Section):
    """`[gateway]`: where it listens and what it keeps.

    `socket`, `store` and `control` are names in `data_dir` unless they are absolute. `listen` is for
    terminals elsewhere, always over mutual TLS; their certificates are of `terminal_ca`. With
    `terminal_ca_key` the gateway signs them itself: `enrol_listen` is for terminals that have none yet. After a store was restored from a backup,
    `restored_at` is the instant of the restore: payments older than it and unknown here are answered
    503, since the lost part of the store may have known them.
    """

    socket: Path = Path("gateway.sock")
    store: Path = Path("gateway.db")
    control: Path = Path("gateway.control")
    listen: Address | None = None
    cert: FilePath | None = None
    key: FilePath | None = None
    terminal_ca: FilePath | None = None
    terminal_ca_key: FilePath | None = None
    terminal_ca_passphrase: CredentialName | None = None
    terminal_days: Days = 90  # the life of a terminal's certificate
    enrol_listen: Address | None = None
    monitor: LoopbackAddress | None = None
    openapi: Flag = True  # serve the contract at /openapi.json
    restored_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _listening_needs_tls(self) -> "GatewaySection":
        missing = [name for name in ("cert", "key", "terminal_ca") if getattr(self, name) is None]
        if self.listen is not None and missing:
            raise ValueError(f"listen needs mutual TLS: set {', '.join(missing)} too, or use the socket only")
        if self.enrol_listen is not None and (self.listen is None or self.terminal_ca_key is None):
            raise ValueError("enrol_listen signs terminals for listen: set listen and terminal_ca_key too")
        return self


class RegistryReceiver(Section):
    """Who takes our registries: we upload them, or it fetches them (PROTOCOLS §2.5).

    With "serve" they are fetched at `registry_listen`, with a certificate of `ca` whose subject's CN is
    `registry_reader`. `registry_floor`: the number of the last one that another store has sent.
    """

    ca: FilePath
    registry_direction: Literal["upload", "serve"] = "upload"
    registry_listen: Address | None = None
    registry_reader: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    registry_floor: RegistryNumber = 0

    @model_validator(mode="after")
    def _served_somewhere_to_somebody(self) -> Self:
        wanted = ("registry_listen", "registry_reader")
        missing = [name for name in wanted if getattr(self, name) is None]
        if self.serves_registries and missing:
            raise ValueError(f'registry_direction "serve" needs {" and ".join(missing)}')
        if not self.serves_registries and len(missing) < len(wanted):
            raise ValueError(f'{" and ".join(wanted)} are for registry_direction = "serve"')
        return self

    @property
    def serves_registries(self) -> bool:
        return self.registry_direction == "serve"


class EportSection(RegistryReceiver):
    """`[eport]`: the provider's side. `sequence_floor`: the greatest number ever used for this point.

    `releases_missing`: the contract lets a payment that the closed registries of both days lack be released
    without a person, unless e-port once called it pending.
    """

    url: HttpsUrl
    point: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]
    codec: Literal["xml"] = "xml"
    client_cert: FilePath
    client_key: FilePath
    client_key_passphrase: CredentialName | None = None
    crl: FilePath | None = None  # of `ca`, in PEM: e-port's own certificate may be revoked
    sequence_floor: Annotated[int, Field(ge=0, lt=10**14 - 1, strict=True)] | None = None
    releases_missing: Flag = False


class CentralSection(RegistryReceiver):
    """`[central]`: the bank's central system. Without it no registries are made for it."""

    url: HttpsUrl | None = None
    client_cert: FilePath | None = None
    client_key: FilePath | None = None

    @model_validator(mode="after")
    def _uploads_go_somewhere(self) -> Self:
        missing = [name for name in ("url", "client_cert", "client_key") if getattr(self, name) is None]
        if missing and not self.serves_registries:
            raise ValueError(f"registries are uploaded: set {', '.join(missing)} too")
        return self

    @property
    def uploads_to(self) -> HttpsUrl | None:
        return None if self.serves_registries else self.url


class CardHostSection(Section):
    """`[card_host]`: where holds are made. `hold_life_days`: after it the issuer frees a hold itself."""

    address: Address
    acquirer: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}$")]  # field 32
    merchant: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,15}$")]  # field 42
    tls: Flag = False
    ca: FilePath | None = None
    client_cert: FilePath | None = None
    client_key: FilePath | None = None
    hold_life_days: Days = 7

    @model_validator(mode="after")
    def _card_data_travel_encrypted(self) -> "CardHostSection":
        if not self.tls and not is_loopback(self.address):
            raise ValueError("a 0100 carries the PAN: set tls = true, or an address of this machine")
        if self.tls and self.ca is None:
            raise ValueError("tls needs ca: the file of the CA that issued the card host's certificate")
        if (self.client_cert is None) != (self.client_key is None):
            raise ValueError("client_cert and client_key go together")
        return self


class CatalogueSection(Section):
    """`[catalogue]`: `file` is in force until a version was published.

    With `public_key` (PEM: a public key or a certificate, two while one takes over from the other) only
    versions that it has signed are published. `sign_key` is read by `tolem catalogue publish` alone.
    """

    file: FilePath
    public_key: FilePath | None = None
    sign_key: FilePath | None = None


class TimersSection(TransferTimersSection):
    """`[timers]`: PROTOCOLS §1, §2.4, §3.5 and §5. `…_count` resends come first, then one each `…_then`."""

    eport_connect_seconds: Seconds = 5
    check_seconds: Seconds = 15
    payment_seconds: Seconds = 30
    in_processing_seconds: Seconds = 25
    payment_resend_seconds: Seconds = 300
    payment_resend_count: Count = 4
    payment_resend_then_seconds: Seconds = 1800
    status_first_seconds: Seconds = 600
    status_seconds: Seconds = 600
    payment_expiry_seconds: Seconds = 3 * DAY_SECONDS
    check_valid_seconds: Seconds = 3600
    card_connect_seconds: Seconds = 5
    hold_seconds: Seconds = 15
    echo_seconds: Seconds = 60
    advice_seconds: Seconds = 15
    advice_resend_seconds: Seconds = 30
    advice_resend_count: Count = 4
    advice_resend_then_seconds: Seconds = 300
    registry_seconds: Seconds = 120  # one attempt to send a registry, its body included
    registry_resend_seconds: Seconds = 60
    registry_resend_count: Count = 5
    registry_resend_then_seconds: Seconds = 300
    daily_look_seconds: Seconds = 60  # is there a day whose registry is still to be fetched?
    daily_retry_seconds: Seconds = 300  # after an attempt that brought none, unless e-port says when
    daily_late_seconds: Seconds = 43_200  # after the end of the day: then a person knows
    breaker_probe_seconds: Seconds = 5  # after it opened; doubles while nobody answers
    breaker_longest_probe_seconds: Seconds = 60
    certificate_look_seconds: Seconds = 5  # is there a new one, and how long does the old one last?
    invite_seconds: Seconds = 3600  # the life of a one-time code
    shutdown_seconds: Seconds = 20


class RetentionSection(Section):
    """`[retention]`: how long what has ended is kept. Signed acts, decisions and alarms stay for ever."""

    payments_days: Days = 1826
    journal_days: Days = 366
    registries_days: Days = 1826  # ours, the terminals', and e-port's daily ones
    receipts_days: Days = 366  # at the terminal: journeys, with what their receipts said


class LimitsSection(Section):
    """`[limits]`: beyond them the gateway answers 413 or 503 instead of growing."""

    body_bytes: Count = 262_144  # 500 events of a journal fit
    payments_in_flight: Count = 256  # between PUT and the hold's outcome
    checks_in_flight: Count = 256
    requests_per_destination: Count = 64  # of e-port, of the card host: at once
    requests_per_terminal: Count = 4  # of these, for one terminal
    registries_missed: Count = 4  # of one terminal, each half an hour: then a person knows
    free_disk_bytes: Count = 100 * 1024 * 1024  # below it: not ready


class GatewaySettings(Protocol):
    """What the gateway needs of the file, however the rest of it is composed."""

    @property
    def gateway(self) -> GatewaySection: ...
    @property
    def eport(self) -> EportSection: ...
    @property
    def central(self) -> CentralSection | None: ...
    @property
    def card_host(self) -> CardHostSection: ...
    @property
    def catalogue(self) -> CatalogueSection: ...
    @property
    def transfers(self) -> TransfersSection | None: ...
    @property
    def act(self) -> ActSection | None: ...
    @property
    def office(self) -> OfficeSection | None: ...
    @property
    def timers(self) -> TimersSection: ...
    @property
    def limits(self) -> LimitsSection: ...
    @property
    def retention(self) -> RetentionSection: ...


def check_hold_life(timers: TimersSection, card_host: CardHostSection) -> None:
    """A payment must become a person's case before the issuer frees its hold (DESIGN §5)."""
    life_seconds = card_host.hold_life_days * DAY_SECONDS
    if timers.payment_expiry_seconds >= life_seconds:
        raise SettingsError(
            f"timers.payment_expiry_seconds: {timers.payment_expiry_seconds:g} is not shorter than a hold's"
            f" life of {life_seconds:g} seconds (card_host.hold_life_days); make it shorter"
        )


def check_served_registries(gateway: GatewaySection, *receivers: RegistryReceiver | None) -> None:
    """Whoever fetches registries must see a certificate of ours."""
    serves = any(one is not None and one.serves_registries for one in receivers)
    if serves and (gateway.cert is None or gateway.key is None):
        raise SettingsError('gateway: registry_direction "serve" needs mutual TLS: set cert and key')
