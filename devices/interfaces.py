"""The ports of the terminal's devices, in XFS4IoT's words.

A call takes a deadline, can be cancelled, and answers with a `Result` instead of raising for what a
customer did: a pulled card or a pressed CANCEL is an answer. Only a fault of ours raises.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class DeviceState(StrEnum):
    """XFS4IoT `common.status.device`."""

    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "powerOff"
    NO_DEVICE = "noDevice"
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    DEVICE_BUSY = "deviceBusy"
    FRAUD_ATTEMPT = "fraudAttempt"
    POTENTIAL_FRAUD = "potentialFraud"
    STARTING = "starting"


class Completion(StrEnum):
    """XFS4IoT `completionCode`: how a command ended, before any device-specific reason."""

    SUCCESS = "success"
    CANCELED = "canceled"
    TIME_OUT = "timeOut"
    DEVICE_NOT_READY = "deviceNotReady"
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    COMMAND_ERROR = "commandErrorCode"
    CONNECTION_LOST = "connectionLost"
    INVALID_DATA = "invalidData"
    INTERNAL_ERROR = "internalError"


@dataclass(frozen=True)
class Result(Generic[T_co]):
    """What a command came to. `value` is there exactly when `completion` is SUCCESS.

    `error` is the device class's own word (`noMedia`, `mediaJam`, `paperOut`, `keyNotFound`…) and
    `detail` a sentence for the technician; neither ever holds card data.
    """

    completion: Completion
    value: T_co | None = None
    error: str | None = None
    detail: str = ""

    @property
    def succeeded(self) -> bool:
        return self.completion is Completion.SUCCESS


@dataclass(frozen=True)
class Status:
    """What a device last answered about itself. Never "online" without an answer from the device."""

    device: DeviceState
    measured: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True)
class Application:
    """One EMV application on the inserted card."""

    aid: bytes
    label: str
    priority: int


@dataclass(frozen=True, repr=False)
class ChipData:
    """What the card gave up to its ARQC. Lives in memory only; `repr` shows none of it."""

    pan: str
    expiry_yymm: str
    track2: str  # digits, D as separator, no padding: tag 57
    pan_sequence: str | None
    emv: bytes  # TLV for field 55, without 57, 5A and 5F20

    def __repr__(self) -> str:
        return "ChipData(…)"


@dataclass(frozen=True, repr=False)
class PinBlock:
    """An encrypted ISO 9564 format 0 block and, with DUKPT, its KSN. Lives in memory only."""

    block: bytes  # 8 bytes
    ksn: bytes | None  # 10 bytes, leading F restored

    def __repr__(self) -> str:
        return "PinBlock(…)"


@dataclass(frozen=True)
class Purchase:
    """What the cryptogram is asked for. Dates are the terminal's local ones."""

    amount_minor: int
    currency_numeric: str  # "398"
    country_numeric: str  # "398"
    date_yymmdd: str
    unpredictable: bytes  # 4 bytes


class CardReader(Protocol):
    async def status(self) -> Status:
        """`measured` has `media`: present, notPresent, unknown; and `card` where cards answer nothing: silent
        while one is in, severalSilent once several in a row were.
        """

    async def wait_for_card(self, deadline_seconds: float) -> Result[None]:
        """Power the card up. SUCCESS: it answered its ATR."""

    async def applications(self) -> Result[Sequence[Application]]:
        """By PPSE, PSE or the AID list, best priority first. Empty never succeeds (`noApplication`)."""

    async def open_application(self, application: Application) -> Result[str]:
        """SELECT, GPO and READ RECORD. The value is the PAN, which the PIN pad needs for its block."""

    async def authorise(self, purchase: Purchase) -> Result[ChipData]:
        """First GENERATE AC for the total, then the second with "unable to go online" (Quick Chip).

        Only an ARQC succeeds; an AAC is COMMAND_ERROR `declinedByCard`.
        """

    async def wait_for_removal(self) -> Result[None]:
        """SUCCESS: the card has left, however long that took. Touches nothing; may be cancelled at any time."""

    async def release_card(self, deadline_seconds: float) -> Result[None]:
        """Power down and wait until the card was taken. TIME_OUT: it is still there."""

    async def close(self) -> None: ...


class PinPad(Protocol):
    async def status(self) -> Status: ...

    async def show(self, lines: Sequence[str]) -> Result[None]: ...

    async def enter_pin(
        self, *, pan: str, amount_text: str, deadline_seconds: float, prompts: Sequence[str] = ()
    ) -> Result[PinBlock]:
        """`prompts`: what to ask for, in the order of preference; a pad that can say none of them asks as it does."""

    async def self_test(self) -> Result[Mapping[str, str]]: ...

    async def close(self) -> None: ...


class ReceiptPrinter(Protocol):
    async def status(self) -> Status:
        """`measured` has `paper`: full, low, out, unknown; `cover`: closed, open, unknown."""

    async def print_receipt(self, job: bytes, deadline_seconds: float) -> Result[None]:
        """One job as ESC/POS bytes. SUCCESS only after the printer proved it (PROTOCOLS §8)."""

    async def close(self) -> None: ...


class BarcodeReader(Protocol):
    async def status(self) -> Status:
        """`measured` has `scanner`: operational, or unknown until it has read a code."""

    async def read(self, deadline_seconds: float) -> Result[str]:
        """The next code, or one that came while nobody read. TIME_OUT: nobody scanned anything."""

    async def close(self) -> None: ...
