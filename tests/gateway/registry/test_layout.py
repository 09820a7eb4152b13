from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from gateway.money import Amount
from gateway.registry.layout import (
    Header,
    Kind,
    Status,
    Totals,
    UnwritableError,
    file_name,
    header_line,
    minor_of,
    money,
    operation_line,
    trailer_line,
)

ALMATY = timezone(timedelta(hours=5))
HEADER = Header(
    Kind.TECH,
    "10001",
    "10001-TECH-17",
    datetime(2026, 11, 22, 13, 30, tzinfo=ALMATY),
    datetime(2026, 11, 22, 14, 30, tzinfo=ALMATY),
    datetime(2026, 11, 22, 14, 30, 2, tzinfo=ALMATY),
)


def test_a_header_is_written_as_the_text_says() -> None:
    assert header_line(HEADER) == (
        b"H;1;TECH;10001;10001-TECH-17;2026-11-22T13:30:00+05:00;2026-11-22T14:30:00+05:00;KZT;"
        b"2026-11-22T14:30:02+05:00\r\n"
    )
    assert file_name(HEADER) == "EP_10001_TECH_20261122T1330_20261122T1430_17.csv"
    assert HEADER.number == 17


def test_an_operation_is_written_as_the_text_says(new_operation) -> None:
    paid = new_operation(
        567,
        Status.ACCEPTED,
        eport_id="900000417",
        finished_at=datetime(2026, 11, 22, 9, 5, 11, 900_000, tzinfo=UTC),
        result="0",
        sum=Amount.parse("1500.00"),
        fee=Amount.parse("45.00"),
        total=Amount.parse("1545.00"),
    )
    assert operation_line(paid, Kind.TECH).decode() == (
        "D;26112200000000000567;900000417;ATM00017;beeline-kz;7011234567;1500.00;45.00;1545.00;"
        "2026-11-22T14:05:09+05:00;2026-11-22T09:05:11+00:00;ACCEPTED;0;632600000567;CARD\r\n"
    )


def test_a_terminal_adds_its_own_and_may_not_know_the_gateways_numbers(new_operation) -> None:
    told = new_operation(
        1,
        txn_id="",
        rrn="",
        payment_id="01935b2e-0000-7000-8000-000000000001",
        ending="in_processing",
        receipt_number="000017",
    )
    line = operation_line(told, Kind.TERM).decode()
    assert line.startswith("D;;;ATM00017;")
    assert line.endswith(";CARD;01935b2e-0000-7000-8000-000000000001;in_processing;000017\r\n")
    with pytest.raises(UnwritableError, match="txn_id"):
        operation_line(told, Kind.TECH)


@pytest.mark.parametrize("account", ["70;11", "7011\r", "70\n11", "", "7" * 256])
def test_what_a_reader_would_refuse_is_never_written(new_operation, account) -> None:
    with pytest.raises(UnwritableError, match="account") as refused:
        operation_line(new_operation(1, account=account), Kind.TECH)
    assert "70" not in str(refused.value).partition("fit")[0]


def test_a_trailer_has_sums_of_any_size() -> None:
    totals = Totals(2, 10**17, 5, 10**17 + 5)
    digest = sha256(b"").hexdigest()
    assert trailer_line(totals, digest).decode() == (
        f"T;2;1000000000000000.00;0.05;1000000000000000.05;{digest}\r\n"
    )
    assert minor_of(money(10**17 + 5)) == 10**17 + 5


def test_totals_grow_by_what_each_operation_adds() -> None:
    totals = Totals().plus(sum_minor=150_000, fee_minor=4_500).plus(sum_minor=1, fee_minor=0)
    assert totals == Totals(2, 150_001, 4_500, 154_501)
    assert replace(totals, count=0) != totals
