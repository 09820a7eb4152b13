"""Requests go out as PROTOCOLS §2.1 says; of what comes back, only a well-formed answer is read."""

import doctest
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from gateway.eport import messages
from gateway.eport.messages import (
    AccountRequest,
    CancelRequest,
    MalformedAnswerError,
    PaymentRequest,
    StatusRequest,
    UnsendableRequestError,
    build,
    parse_answer,
)
from gateway.eport.operations import Operation
from gateway.money import Amount

WIRES = Path(__file__).parents[2] / "wires" / "eport"
ALMATY = timezone(timedelta(hours=5))
CHECK_ID = "26112200000001234566"
TXN_ID = "26112200000001234567"
NAMES = {"point": "10001", "terminal": "ATM00017"}
ACCOUNT = NAMES | {
    "txn_id": CHECK_ID,
    "txn_date": datetime(2026, 11, 22, 14, 4, 40, 999_999, tzinfo=ALMATY),
    "product": "beeline-kz",
    "requisites": [("account", "7011234567")],
}
PAYMENT = NAMES | {
    "txn_id": TXN_ID,
    "txn_date": datetime(2026, 11, 22, 14, 5, 9, tzinfo=ALMATY),
    "check_id": CHECK_ID,
    "product": "beeline-kz",
    "requisites": [("account", "7011234567")],
    "sum": Amount(150000),
    "fee": Amount(4500),
    "total": Amount(154500),
    "rrn": "632600001234",
}
TWO_REQUISITES = ACCOUNT | {
    "product": "dala-energo",
    "requisites": [("account", "Қ-12 & <Әлия>"), ("reading", "004512")],
    "sum": Amount(150000),
}
RECORDED_REQUESTS = {
    "to_eport_bank_account.xml": AccountRequest(**ACCOUNT),
    "to_eport_bank_account_with_sum.xml": AccountRequest(**TWO_REQUISITES),
    "to_eport_bank_payment.xml": PaymentRequest(**PAYMENT),
    "to_eport_bank_status.xml": StatusRequest(**NAMES, txn_id=TXN_ID),
    "to_eport_bank_cancel.xml": CancelRequest(**NAMES, txn_id=TXN_ID),
}


def recorded(name: str) -> bytes:
    return (WIRES / name).read_bytes()


def payment_answer(inner: str) -> bytes:
    return f"<response><bank_payment>{inner}</bank_payment></response>".encode()


def read_payment(body: bytes):
    return parse_answer(body, operation=Operation.PAYMENT, txn_id=TXN_ID)


GOOD = f"<txn_id>{TXN_ID}</txn_id><result>0</result><final>true</final>"


def test_example_in_the_docstring_holds():
    assert doctest.testmod(messages).failed == 0


@pytest.mark.parametrize("name", sorted(RECORDED_REQUESTS))
def test_request_has_the_recorded_bytes(name):
    assert build(RECORDED_REQUESTS[name]) == recorded(name)


def test_every_recorded_request_is_built_by_a_test():
    assert {path.name for path in WIRES.glob("to_eport_*.xml")} == set(RECORDED_REQUESTS)


@pytest.mark.parametrize(
    ("of", "change"),
    [
        (AccountRequest, {"point": "1000100010001"}),
        (AccountRequest, {"point": "A"}),
        (AccountRequest, {"terminal": "ATM_00017"}),
        (AccountRequest, {"terminal": "ATM000170"}),
        (AccountRequest, {"txn_id": "2611220000000123456"}),
        (AccountRequest, {"txn_id": "２" * 20}),
        (AccountRequest, {"txn_date": datetime(2026, 11, 22, 14, 4, 40)}),  # noqa: DTZ001 - naive on purpose
        (AccountRequest, {"product": "Beeline"}),
        (AccountRequest, {"product": ""}),
        (AccountRequest, {"requisites": []}),
        (AccountRequest, {"requisites": [(f"r{n}", "1") for n in range(9)]}),
        (AccountRequest, {"requisites": [("account", "1"), ("account", "2")]}),
        (AccountRequest, {"requisites": [("Account", "1")]}),
        (AccountRequest, {"requisites": [("account", "")]}),
        (AccountRequest, {"requisites": [("account", "1" * 256)]}),
        (PaymentRequest, {"check_id": ""}),
        (PaymentRequest, {"rrn": "63260000123"}),
        (PaymentRequest, {"tool": "CASH"}),
    ],
)
def test_a_request_outside_the_field_table_is_not_built(of, change):
    kept = ACCOUNT if of is AccountRequest else PAYMENT
    with pytest.raises(UnsendableRequestError):
        build(of(**kept | change))


def test_a_sum_of_zero_and_a_total_that_does_not_add_up_cannot_even_be_written_down():
    with pytest.raises(UnsendableRequestError, match="sum"):
        AccountRequest(**ACCOUNT, sum=Amount(0))
    with pytest.raises(UnsendableRequestError, match="sum"):
        PaymentRequest(**PAYMENT | {"sum": Amount(0), "total": Amount(4500)})
    with pytest.raises(UnsendableRequestError, match="total"):
        PaymentRequest(**PAYMENT | {"total": Amount(154501)})


@pytest.mark.parametrize(
    "breaking", [";", "\r", "\n", "\t", "\0", "\x1b", "\x85", "\u2028", "\ud800", "\uffff"]
)
def test_a_value_that_could_break_the_wire_is_refused(breaking):
    with pytest.raises(UnsendableRequestError) as refused:
        build(AccountRequest(**ACCOUNT | {"requisites": [("account", f"70112{breaking}34567")]}))
    assert "34567" not in str(refused.value)


@given(value=st.text(min_size=1, max_size=255))
@example("қазақ әріптері: ӘҒҚҢӨҰҮҺІ ₸")
def test_a_value_is_either_refused_or_arrives_unchanged(value):
    try:
        body = build(AccountRequest(**ACCOUNT | {"requisites": [("account", value)]}))
    except UnsendableRequestError:
        assert any(not one.isprintable() or one == ";" for one in value)
    else:
        assert etree.fromstring(body).findtext(".//requisite") == value


def test_the_example_of_the_protocol_is_read():
    answer = read_payment(recorded("from_eport_bank_payment_accepted.xml"))
    assert answer == messages.Answer(
        txn_id=TXN_ID,
        eport_id="900000417",
        result=0,
        final=True,
        comment="Принято",
        finished_at="2026-11-22T14:05:11+05:00",
        fields=(("payer_name", "Абонент", "И*** П."),),
    )


def test_debt_limits_and_fields_of_a_check_are_read_and_the_unknown_is_passed_over():
    body = recorded("from_eport_bank_account_accepted.xml")
    answer = parse_answer(body, operation=Operation.ACCOUNT, txn_id=CHECK_ID)
    assert (answer.debt, answer.min_sum, answer.max_sum) == (Amount(451237), Amount(10000), Amount(25000000))
    assert answer.comment == "Қабылданды"
    assert answer.fields == (
        ("payer_name", "Төлеуші", "Ә*** Ғ."),
        ("address", "Мекенжай", "Абай көшесі, 10 & 12"),
        ("period", "Кезең", ""),
    )


@pytest.mark.parametrize("final", ["false", "TRUE", "1", "", " true"])
def test_final_is_final_only_when_it_says_true(final):
    body = payment_answer(GOOD.replace("<final>true", f"<final>{final}"))
    assert not read_payment(body).final


@pytest.mark.parametrize(
    "between",
    ["<!-- a comment -->", "<?a processing-instruction?>", "<new>1</new>", "\n  ", "<eport_id/>"],
)
def test_what_an_answer_may_also_hold_changes_nothing(between):
    body = payment_answer(GOOD.replace("<result>", between + "<result>"))
    assert read_payment(body) == read_payment(payment_answer(GOOD))


MALFORMED = {
    "empty": b"",
    "not XML": b"result=0&final=true",
    "HTML of a captive portal": b"<html><body>Welcome</body></html>",
    "cut in the middle": payment_answer(GOOD)[:-20],
    "something after the end": payment_answer(GOOD) + b"<more/>",
    "another root": payment_answer(GOOD).replace(b"response", b"answer"),
    "a namespace": payment_answer(GOOD).replace(b"<response", b'<response xmlns="urn:x"', 1),
    "no operation": b"<response/>",
    "another operation": payment_answer(GOOD).replace(b"bank_payment", b"bank_status"),
    "two operations": b"<response>" + (payment_answer(GOOD)[10:-11]) * 2 + b"</response>",
    "another txn_id": payment_answer(GOOD.replace("234567", "234568")),
    "no txn_id": payment_answer("<result>0</result><final>true</final>"),
    "no result": payment_answer(f"<txn_id>{TXN_ID}</txn_id><final>true</final>"),
    "no final": payment_answer(f"<txn_id>{TXN_ID}</txn_id><result>0</result>"),
    "wrong order": payment_answer(f"<txn_id>{TXN_ID}</txn_id><final>true</final><result>0</result>"),
    "eport_id at the end": payment_answer(GOOD + "<eport_id>1</eport_id>"),
    "a repeated result": payment_answer(GOOD.replace("<result>0</result>", "<result>0</result>" * 2)),
    "an empty result": payment_answer(GOOD.replace(">0<", "><")),
    "a result that is no number": payment_answer(GOOD.replace(">0<", ">OK<")),
    "a result with a leading zero": payment_answer(GOOD.replace(">0<", ">00<")),
    "a result in other digits": payment_answer(GOOD.replace(">0<", ">٠<")),
    "a result split by a comment": payment_answer(GOOD.replace(">0<", ">0<!-- -->0<")),
    "a result with a child": payment_answer(GOOD.replace(">0<", "><b>0</b><")),
    "a comment of 256 characters": payment_answer(f"{GOOD}<comment>{'қ' * 256}</comment>"),
    "a day that is none": payment_answer(f"{GOOD}<finished_at>2026-02-30T00:00:00Z</finished_at>"),
    "a time without offset": payment_answer(f"{GOOD}<finished_at>2026-02-20T00:00:00</finished_at>"),
    "a debt that is no amount": payment_answer(f"{GOOD}<debt>12,50</debt>"),
    "a negative debt": payment_answer(f"{GOOD}<debt>-12.50</debt>"),
    "limits before the debt": payment_answer(f"{GOOD}<min_sum>1.00</min_sum><debt>1.00</debt>"),
    "a field without a name": payment_answer(f"{GOOD}<fields><field>x</field></fields>"),
    "a DTD": b"<!DOCTYPE response>" + payment_answer(GOOD),
    "an entity in a DTD": b'<!DOCTYPE response [<!ENTITY t "true">]>' + payment_answer(GOOD),
    "an undefined entity": payment_answer(GOOD.replace("true", "&t;")),
    "not UTF-8": payment_answer(f"{GOOD}<comment>Принято</comment>").decode().encode("cp1251"),
    "declared and not UTF-8": b'<?xml version="1.0" encoding="windows-1251"?>'
    + payment_answer(f"{GOOD}<comment>Принято</comment>").decode().encode("cp1251"),
    "UTF-16": payment_answer(GOOD).decode().encode("utf-16"),
    "too deep": payment_answer(GOOD + "<a>" * 300 + "</a>" * 300),
    "too large": payment_answer(GOOD + " " * 65536),
}


@pytest.mark.parametrize("what", sorted(MALFORMED))
def test_it_counts_as_no_answer(what):
    with pytest.raises(MalformedAnswerError):
        read_payment(MALFORMED[what])


def test_an_answer_of_exactly_64_kib_is_read():
    padding = 65536 - len(payment_answer(GOOD))
    assert read_payment(payment_answer(GOOD + " " * padding)).result == 0


def test_a_byte_order_mark_is_no_reason_to_refuse():
    assert read_payment(b"\xef\xbb\xbf" + payment_answer(GOOD)).final


def test_an_answer_is_utf_8_whatever_it_declares():
    body = payment_answer(f"{GOOD}<comment>Қабылданды</comment>")
    assert read_payment(b'<?xml version="1.0" encoding="windows-1251"?>' + body).comment == "Қабылданды"


def test_the_error_quotes_nothing_of_the_answer():
    with pytest.raises(MalformedAnswerError) as malformed:
        read_payment(payment_answer(f"{GOOD}<debt>secret</debt>"))
    assert "secret" not in str(malformed.value)


RECORDED_ANSWERS = sorted(WIRES.glob("from_eport_*.xml"))


def operation_of(path: Path) -> Operation:
    return next(one for one in Operation if one.value in path.name)


@pytest.mark.parametrize("path", RECORDED_ANSWERS, ids=lambda path: path.stem)
def test_every_recorded_answer_is_read(path):
    operation = operation_of(path)
    txn_id = CHECK_ID if operation is Operation.ACCOUNT else TXN_ID
    assert parse_answer(path.read_bytes(), operation=operation, txn_id=txn_id).txn_id == txn_id


@given(data=st.data())
def test_whatever_bytes_arrive_only_malformed_answer_is_raised(data):
    path = data.draw(st.sampled_from(RECORDED_ANSWERS))
    body = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 20)))
        body[start:end] = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"<", b"&#0;", b"<!DOCTYPE x>", b"</"])
        )
    try:
        answer = parse_answer(bytes(body), operation=operation_of(path), txn_id=TXN_ID)
    except MalformedAnswerError:
        return
    assert answer.txn_id == TXN_ID


def test_a_repeat_has_the_same_bytes():
    request = PaymentRequest(**PAYMENT)
    assert build(request) == build(PaymentRequest(**PAYMENT))
    in_utc = PAYMENT | {"txn_date": PAYMENT["txn_date"].astimezone(UTC)}
    assert b"2026-11-22T09:05:09+00:00" in build(PaymentRequest(**in_utc))
