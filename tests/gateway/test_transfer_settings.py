"""`[transfers]`, and what of it a person may get wrong."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.c2b2e.deadlines import TransferTimers
from gateway.c2b2e.timing import transfer_timers
from gateway.contract import Money
from gateway.transfer_settings import TransfersSection, TransferTimersSection

MERCHANT = {"name": "Дүкен", "bin": "990240000010", "iban": "KZ86125KZT5004100100"}
FILES = ("cert", "key", "ca", "sign_cert", "sign_key", "sign_ca")
SECTION: dict[str, Any] = {
    "platform_url": "https://platform.example/",
    "platform_bic": "NPCKKZKA",
    "bank_id": "AAA",
    "bic": "AAAAKZKA",
    "listen": "127.0.0.1:9443",
    **{name: f"{name}.pem" for name in FILES},
    "pins": ["ab" * 32],
    "link_host": "qr.example",
}


def section(**other: Any) -> TransfersSection:
    return TransfersSection.model_validate(SECTION | other, context={"folder": Path("/etc/tolem")})


def test_a_payers_bank_needs_no_merchants_and_reads_its_own_links() -> None:
    own = section()
    assert own.payer
    assert own.merchant_of("POS00001") is None
    assert own.hosts == {"qr.example"}
    assert own.fee_rule().minimum == Money(amount_minor=0)
    assert own.sign_key == Path("/etc/tolem/sign_key.pem")


def test_a_payees_bank_may_pay_nobodys_links() -> None:
    own = section(payer=False, merchants={"POS00001": MERCHANT}, link_hosts=["pay.example"])
    merchant = own.merchant_of("POS00001")
    assert merchant is not None
    assert (merchant.knp, merchant.kbe) == ("851", "17")
    assert own.link_of("AAA20261122abcdefghijklm") == "https://qr.example/AAA20261122abcdefghijklm"
    assert own.hosts == {"qr.example", "pay.example"}


def test_a_fee_is_written_as_a_products() -> None:
    rule = section(fee={"percent": "1.5", "minimum": "50.00"}).fee_rule()
    assert (rule.percent_hundredths, rule.minimum.amount_minor) == (150, 5000)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"payer": False}, ()),
        ({"client_cert": "a.pem"}, ()),
        ({"platform_url": "http://platform.example"}, ("platform_url",)),
        ({"bank_id": "AA"}, ("bank_id",)),
        ({"bic": "aaaakzka"}, ("bic",)),
        ({"pins": []}, ("pins",)),
        ({"pins": ["ab"]}, ("pins", 0)),
        ({"link_host": "https://qr.example"}, ("link_host",)),
        ({"link_host": "QR.example"}, ("link_host",)),
        ({"payer_kod": "9"}, ("payer_kod",)),
        ({"platform": "x"}, ("platform",)),
        ({"merchants": {"POS00001": MERCHANT | {"iban": "KZ87125KZT5004100100"}}}, ("merchants", "POS00001", "iban")),
        ({"merchants": {"POS00001": MERCHANT | {"bin": "990240000011"}}}, ("merchants", "POS00001", "bin")),
        ({"merchants": {"POS-1": MERCHANT}}, ("merchants", "POS-1", "[key]")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_its_path(wrong: dict[str, Any], path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        section(**wrong)
    assert refused.value.errors()[0]["loc"] == path


def test_the_timers_of_the_file_are_those_of_the_dialogues() -> None:
    assert transfer_timers(TransferTimersSection()) == TransferTimers()
