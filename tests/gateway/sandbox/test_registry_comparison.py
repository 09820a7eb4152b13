"""What came in registries against what was to come: lost, invented, other values, another ending."""

from dataclasses import replace

import pytest

from gateway.sandbox.books import EportRow, GatewayRow
from gateway.sandbox.registry_comparison import RegistryDifference, RegistryRow, compare_registry

OURS = GatewayRow(
    "0192…", "ATM00017", "PAID", "26112200000001234567", "632600001234", 150000, 4500, 154500, "9"
)
SENT = EportRow("26112200000001234567", "10001", "ATM00017", "beeline-kz", "701", 150000, 4500, 154500, "632600001234", "ACCEPTED", "9")  # fmt: skip
TOLD = RegistryRow(
    "10001", "26112200000001234567", "9", "ATM00017", "beeline-kz", "701", 150000, 4500, 154500,
    "2026-11-22T13:05:09+05:00", None, "ACCEPTED", "0", "632600001234", "CARD", 7, 8, 2,
)  # fmt: skip


def kinds(
    told: list[RegistryRow], ours: list[GatewayRow], sent: list[EportRow], waiting: tuple[str, ...] = ()
) -> list[str]:
    return [
        it.kind
        for it in compare_registry("central", told, gateway=ours, eport=sent, waiting=waiting).findings
    ]


@pytest.mark.parametrize(
    ("state", "status"),
    [("PAID", "ACCEPTED"), ("PENDING", "PENDING"), ("RELEASED", "REFUSED"), ("RELEASING", "CANCELLED")],
)
def test_a_payment_that_is_told_as_it_is_has_no_finding(state: str, status: str) -> None:
    assert kinds([replace(TOLD, status=status)], [replace(OURS, state=state)], [SENT]) == []


@pytest.mark.parametrize("state", ["HOLDING", "REFUSED", "RELEASED"])
def test_what_was_never_sent_is_not_missed(state: str) -> None:
    assert kinds([], [replace(OURS, state=state)], []) == []


@pytest.mark.parametrize(
    ("told", "ours", "sent", "kind"),
    [
        ([], [OURS], [SENT], RegistryDifference.LOST),
        ([], [replace(OURS, state="PENDING")], [], RegistryDifference.LOST),
        ([], [replace(OURS, state="RELEASED")], [SENT], RegistryDifference.LOST),
        ([TOLD], [], [], RegistryDifference.INVENTED),
        ([TOLD], [replace(OURS, state="REFUSED")], [], RegistryDifference.INVENTED),
        ([replace(TOLD, fee=0)], [OURS], [SENT], RegistryDifference.VALUE_DIFFERS),
        ([replace(TOLD, eport_id="8")], [OURS], [SENT], RegistryDifference.VALUE_DIFFERS),
        ([replace(TOLD, status="PENDING")], [OURS], [SENT], RegistryDifference.STATUS_DIFFERS),
    ],
)
def test_a_difference_has_its_name(
    told: list[RegistryRow], ours: list[GatewayRow], sent: list[EportRow], kind: RegistryDifference
) -> None:
    assert kinds(told, ours, sent) == [kind]


def test_what_changed_after_the_last_window_waits_for_the_next() -> None:
    waiting = (OURS.txn_id,)
    assert kinds([], [OURS], [SENT], waiting) == []
    assert kinds([replace(TOLD, status="PENDING")], [OURS], [SENT], waiting) == []
    assert kinds([replace(TOLD, total=1)], [OURS], [SENT], waiting) == [RegistryDifference.VALUE_DIFFERS]
