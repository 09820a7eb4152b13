"""A payment put before e-port: its numbers and e-port's own words; no account, no person, no card."""

import io
import json
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.dispute import bundle, dispute_of, masked, told

AT = "2026-11-22T09:05:09+00:00"
PAYMENT = {
    "payment_id": "01935b2e-0000-7000-8000-000000000001",
    "txn_id": "26112200000000000002",
    "eport_id": "900000417",
    "rrn": "632600000001",
    "check_id": "26112200000000000001",
    "terminal": "ATM00017",
    "product": "beeline-kz",
    "sum": "1500.00",
    "fee": "45.00",
    "total": "1545.00",
    "state": "PAID",
    "requisites": [["account", "7011234567"]],
    "fields": [["payer_name", "Абонент", "И*** П."]],
    "approval_code": "A1B2C3",
    "accepted_at": AT,
    "provider_finished_at": None,
    "changed_at": AT,
    "history": [
        {"at": AT, "event": "CANCEL_ORDERED", "state": "PENDING", "note": "by aigerim: wrong account"},
        {"at": AT, "event": "REGISTRY_MATCHED", "state": "PAID", "note": "case 3, by aigerim: by letter"},
        {"at": AT, "event": "PAYMENT_ACCEPTED", "state": "PAID", "note": "result 0: Принято"},
    ],
    "entries": [
        {"kind": "eport.payment", "history": [{"at": AT, "event": "again", "person": None, "note": "x"}]},
        {"kind": "card.capture", "history": [{"at": AT, "event": "delivered", "person": None, "note": "x"}]},
    ],
    "listed": [
        {
            "day": "2026-11-22",
            "registry_id": "10001-DAY-20780",
            "line": 7,
            "eport_id": "900000417",
            "product": "beeline-kz",
            "sum": "1600.00",
            "fee": "45.00",
            "finished_at": "2026-11-22T14:05:11+05:00",
            "rrn": "632600000001",
        }
    ],
    "cases": [
        {
            "day": "2026-11-22",
            "class": "AMOUNT_DIFF",
            "detail": "differs in sum",
            "ours": "1545.00",
            "eport": "1645.00",
            "opened_at": AT,
            "owner": "askar",
            "decisions": [{"person": "aigerim", "reason": "by letter"}],
        }
    ],
}


@pytest.fixture
def facts():
    return dispute_of(
        PAYMENT,
        point="10001",
        zone=ZoneInfo("Asia/Almaty"),
        now=datetime(2026, 11, 23, 4, tzinfo=UTC),
    )


def test_the_bundle_holds_the_same_for_a_machine_and_for_a_person(facts) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle(facts))) as zipped:
        assert json.loads(zipped.read("dispute.json")) == facts
        text = zipped.read("dispute.txt").decode()
    assert text == told(facts)
    for shown in (
        "26112200000000000002",
        "900000417",
        "2026-11-22T14:05:09+05:00",
        "result 0: Принято",
        "1645.00",
    ):
        assert shown in text
    assert "10001-DAY-20780" in text
    assert bundle(facts) == bundle(facts)


@pytest.mark.parametrize(
    "secret", ["7011234567", "aigerim", "askar", "by letter", "A1B2C3", "card.capture", "И***"]
)
def test_what_is_ours_or_the_customers_stays_here(facts, secret) -> None:
    assert secret not in json.dumps(facts, ensure_ascii=False)
    assert secret not in told(facts)


def test_of_an_account_its_last_four_are_shown_if_it_has_more() -> None:
    assert [masked(text) for text in ("7011234567", "12345", "1234", "")] == [
        "******4567",
        "*2345",
        "****",
        "",
    ]
