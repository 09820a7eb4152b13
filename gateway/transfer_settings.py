"""`[transfers]`, and the timers of C2B2E: what a participant of the transfers platform is told (PROTOCOLS §3, §4, §9).

Without the section there are no transfers, and its calls answer `transfers_off`. A gateway is a payer's bank
unless `payer` says otherwise, and a payee's bank if it has merchants.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.contract import FeeRule, TerminalId
from gateway.iso20022 import formats
from gateway.providers.catalogue_file import FeeInFile
from gateway.setting_values import Address, Count, CredentialName, FilePath, Flag, HttpsUrl, Seconds, Section


def _valid_iban(text: str) -> str:
    if not formats.is_iban(text):
        raise ValueError(
            "is no IBAN of Kazakhstan: KZ and 18 characters, of which the first two are check digits"
        )
    return text


def _valid_bin(text: str) -> str:
    if not formats.is_iin_or_bin(text):
        raise ValueError("is no IIN or BIN: 12 digits, the last one a check digit")
    return text


def _no_scheme(text: str) -> str:
    if "/" in text or "@" in text or not text.isascii() or text != text.lower():
        raise ValueError("write the host of the links alone, such as qr.example.kz")
    return text


BankId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{3}$")]
Bic = Annotated[str, StringConstraints(pattern=rf"^{formats.BIC.pattern.pattern}$")]
Iban = Annotated[str, AfterValidator(_valid_iban)]
Bin = Annotated[str, AfterValidator(_valid_bin)]
Knp = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
SectorCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]  # residence and sector of the economy
LinkHost = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_no_scheme)]
Pin = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$")]


class MerchantSection(Section):
    """`[transfers.merchants.TERMINAL]`: for whom this terminal sells. The account is with this bank."""

    name: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,140}$")]
    bin: Bin
    iban: Iban
    knp: Knp = "851"
    kbe: SectorCode = "17"


class TransfersSection(Section):
    """`[transfers]`: a participant of the transfers platform.

    `bank_id` and `bic` are ours, `platform_bic` is the platform's. `sign_key` with `sign_cert` signs what we
    send; what comes is believed if its certificate is one of `pins` (SHA-256; two during a roll-over) and was
    issued by `sign_ca`, through `sign_intermediates`, and is not on `sign_crl`. `listen` is where the platform
    calls, with `cert` and `key` shown to it; with `caller_ca` it must show a certificate too. `ca` issued the
    one that the platform shows us. Our links are `https://<link_host>/<id>`, those of `link_hosts` are paid as well.
    """

    platform_url: HttpsUrl
    platform_bic: Bic
    bank_id: BankId
    bic: Bic
    listen: Address
    cert: FilePath
    key: FilePath
    caller_ca: FilePath | None = None
    ca: FilePath
    client_cert: FilePath | None = None
    client_key: FilePath | None = None
    sign_cert: FilePath
    sign_key: FilePath
    sign_key_passphrase: CredentialName | None = None
    sign_ca: FilePath
    sign_intermediates: FilePath | None = None
    sign_crl: FilePath | None = None
    pins: Annotated[tuple[Pin, ...], Field(min_length=1)]
    link_host: LinkHost
    link_hosts: tuple[LinkHost, ...] = ()
    data_type: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,35}$")] = "C2B2E"
    payer: Flag = True
    payer_kod: SectorCode = "19"  # of those who pay: a resident household
    fee: FeeInFile | None = None
    merchants: dict[TerminalId, MerchantSection] | None = None

    @model_validator(mode="after")
    def _somebody_pays_or_is_paid(self) -> Self:
        if (self.client_cert is None) != (self.client_key is None):
            raise ValueError("client_cert and client_key go together")
        if not self.payer and not self.merchants:
            raise ValueError("neither a payer's bank nor a payee's: set payer = true, or add merchants")
        return self

    @property
    def hosts(self) -> frozenset[str]:
        """Of the links that are read."""
        return frozenset({self.link_host, *self.link_hosts})

    def link_of(self, link_id: str) -> str:
        """The address that a POS shows as a QR code."""
        return f"https://{self.link_host}/{link_id}"

    def fee_rule(self) -> FeeRule:
        """What is taken of the payer on top of the sum."""
        return (self.fee or FeeInFile()).rule()

    def merchant_of(self, terminal: str) -> MerchantSection | None:
        return (self.merchants or {}).get(terminal)


class TransferTimersSection(Section):
    """Of `[timers]`: PROTOCOLS §3.5. `gateway.c2b2e.timing` makes the dialogues' deadlines of them."""

    platform_connect_seconds: Seconds = 3
    platform_response_seconds: Seconds = 5
    platform_resend_seconds: Annotated[tuple[Seconds, ...], Field(min_length=1, max_length=10)] = (1, 2, 4)
    details_seconds: Seconds = 15  # the payer waits for admi.010
    order_life_seconds: Seconds = 40  # of a pacs.008, from AccptncDtTm
    unknown_grace_seconds: Seconds = 300
    link_life_seconds: Seconds = 1200
    payer_question_first_seconds: Seconds = 30
    payer_question_gap_seconds: Seconds = 15
    payer_question_longest_gap_seconds: Seconds = 900
    payee_question_first_seconds: Seconds = 30
    payee_question_gap_seconds: Seconds = 5
    payee_question_count: Count = 3
