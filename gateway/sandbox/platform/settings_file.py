"""The platform's settings as a TOML file. Unknown keys are errors that name their path.

[platform]            bank_id, bic, port, admin_port, mutual_tls
[[participant]]       bank_id, bic, url, pins, position_minor, limit_minor
[timers]              the names of `settings.Timers`
[scripted_bank]       bank_id, bic, links (how many), amount_minor: a bank of the sandbox's own
"""

import tomllib
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from gateway.sandbox.platform.settings import Participant, PlatformSettings, Timers

_BankId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{3}$")]
_Bic = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")]
_Pin = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Port = Annotated[int, Field(ge=0, le=65535)]
_Tiyn = Annotated[int, Field(ge=0, le=10**17)]
_Seconds = Annotated[float, Field(gt=0, le=86_400)]


class PlatformFileError(Exception):
    """What is wrong with the file, in words for its author."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlatformSection(_Section):
    bank_id: _BankId = "NPK"
    bic: _Bic = "NPCKKZKA"
    port: _Port = 0
    admin_port: _Port = 0
    mutual_tls: bool = False


class ParticipantSection(_Section):
    """Without pins a certificate is issued for it, and pinned."""

    bank_id: _BankId
    bic: _Bic
    url: Annotated[str, StringConstraints(pattern=r"^https://")] | None = None
    pins: frozenset[_Pin] = frozenset()
    position_minor: _Tiyn = 1_000_000_000_00
    limit_minor: _Tiyn = 10_000_000_00

    def participant(self) -> Participant:
        return Participant(self.bank_id, self.bic, self.url, self.pins, self.position_minor, self.limit_minor)


class TimersSection(_Section):
    connect_seconds: _Seconds = 3
    response_seconds: _Seconds = 5
    resend_seconds: tuple[_Seconds, ...] = Field(default=(1, 2, 4), min_length=1)
    details_seconds: _Seconds = 12
    order_life_seconds: _Seconds = 40
    telling_longest_seconds: _Seconds = 900

    def timers(self) -> Timers:
        return Timers(**self.model_dump())


class ScriptedBankSection(_Section):
    bank_id: _BankId = "SCR"
    bic: _Bic = "SCRPKZKA"
    links: Annotated[int, Field(ge=0, le=1000)] = 10
    amount_minor: Annotated[int, Field(gt=0, le=10**15)] = 1_500_00


def _two_banks() -> tuple[ParticipantSection, ...]:
    return tuple(ParticipantSection(bank_id=name, bic=f"{name}AKZKA") for name in ("AAA", "BBB"))


class PlatformFile(_Section):
    """Everything that `tolem sandbox platform` is told. As it stands: two banks and a scripted one."""

    platform: PlatformSection = Field(default_factory=PlatformSection)
    participant: tuple[ParticipantSection, ...] = Field(default_factory=_two_banks)
    timers: TimersSection = Field(default_factory=TimersSection)
    scripted_bank: ScriptedBankSection | None = Field(default_factory=ScriptedBankSection)

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises PlatformFileError."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise PlatformFileError(f"not TOML: {error}") from None
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False, include_input=False)
            raise PlatformFileError("; ".join(_line(one) for one in wrong)) from None

    def settings(self) -> PlatformSettings:
        return PlatformSettings(
            **self.platform.model_dump(),
            participants=tuple(section.participant() for section in self.participant),
            timers=self.timers.timers(),
        )


def _line(wrong: Any) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in wrong["loc"])
    return f"{path.lstrip('.')}: {wrong['msg']}"
