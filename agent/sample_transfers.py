"""Settings for trying transfers out: a bank beside the sandbox's platform, with an outside world of its own."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from agent.sample_settings import SandboxPlaces, Section, Sections, hundredth

PLACES: Final = "platform.json"  # in a platform's folder: its `PlatformPlaces`
LINK_HOST: Final = "qr.tolem.example"
MERCHANT: Final[Section] = {
    "name": "Арай дүкені",
    "bin": "990240000010",
    "iban": "KZ86125KZT5004100100",
}


class _Place(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BankPlace(_Place):
    """A participant: who it is, what it signs and serves with, and the world around it, if the platform made them."""

    bank_id: str
    bic: str
    certificate: Path | None = None
    key: Path | None = None
    pin: str | None = None
    sandbox: SandboxPlaces | None = None


class PlatformPlaces(_Place):
    """Where a running platform listens, and what its participants need."""

    platform_url: str
    admin_url: str
    bank_id: str
    bic: str
    ca: Path
    certificate: Path
    pin: str
    participants: tuple[BankPlace, ...]
    links: tuple[str, ...] = ()  # of its scripted bank

    def bank(self, bank_id: str) -> BankPlace:
        [found] = [bank for bank in self.participants if bank.bank_id == bank_id]
        return found


def transfers_sections(
    platform: PlatformPlaces, own: BankPlace, *, listen: str, payer: bool, tills: Iterable[str] = ()
) -> Sections:
    """`[transfers]` of a participant that the platform has introduced; every till sells for one shop."""
    pair: dict[str, Any] = {"cert": own.certificate, "key": own.key}
    return {
        "transfers": {
            "platform_url": platform.platform_url,
            "platform_bic": platform.bic,
            "bank_id": own.bank_id,
            "bic": own.bic,
            "listen": listen,
            **pair,
            "ca": platform.ca,
            **{f"{use}_{name}": path for use in ("client", "sign") for name, path in pair.items()},
            "sign_ca": platform.ca,
            "pins": [platform.pin],
            "link_host": LINK_HOST,
            "payer": payer,
        },
        **{f"transfers.merchants.{till}": MERCHANT for till in tills},
    }


def tempo() -> Section:
    """`[timers]` of both banks in a demo: repeats come quickly, messages have time on a busy machine.

    What PROTOCOLS §3.5 says takes a tenth, what only waits for somebody's fate a hundredth.
    """
    return {
        **hundredth(),
        "in_processing_seconds": 4.0,
        "gateway_connect_seconds": 1.0,
        "gateway_answer_seconds": 6.0,
        "hold_seconds": 1.5,
        "card_connect_seconds": 0.5,
        "advice_seconds": 0.5,
        "platform_connect_seconds": 0.5,
        "platform_response_seconds": 1.0,
        "platform_resend_seconds": [0.1, 0.2, 0.4],
        "details_seconds": 3.0,
        "order_life_seconds": 6.0,
        "link_life_seconds": 60.0,
        "payer_question_first_seconds": 4.0,
        "payer_question_gap_seconds": 1.0,
        "payer_question_longest_gap_seconds": 4.0,
        "payee_question_first_seconds": 4.0,
        "payee_question_gap_seconds": 1.0,
    }


def platform_tempo() -> Section:
    """`[timers]` of the platform beside `tempo`."""
    return {
        "connect_seconds": 0.5,
        "response_seconds": 1.0,
        "resend_seconds": [0.1, 0.2, 0.4],
        "details_seconds": 2.5,
        "order_life_seconds": 6.0,
        "telling_longest_seconds": 4.0,
    }
