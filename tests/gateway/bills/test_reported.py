"""What a registry is told of each move: nothing before there is a bank_payment, then how e-port has it."""

import pytest

from gateway.alarms import open_alarms
from gateway.bills.moves import Evidence
from gateway.bills.payment_states import Event

HELD = Event.HOLD_APPROVED


@pytest.fixture
def lines(store, moves, begin):
    """Play events; status, result, eport_id and finished_at of each line that was written."""

    async def play(*events, **evidence):
        payment = await begin()
        for event in events:
            await store.write(
                lambda tx, event=event: moves.apply(tx, payment.payment_id, event, Evidence(**evidence))
            )
        rows = await store.read(lambda tx: list(tx.execute("SELECT line FROM registry_change ORDER BY n")))
        fields = [line.decode().removesuffix("\r\n").split(";") for (line,) in rows]
        return [(row[11], row[12], row[2], row[10]) for row in fields]

    return play


@pytest.mark.parametrize(
    ("events", "statuses"),
    [
        ((), []),
        ((Event.HOLD_DECLINED,), []),
        ((Event.UNANSWERED, Event.RELEASED), []),
        ((HELD,), ["PENDING"]),
        ((HELD, Event.PAYMENT_ACCEPTED, Event.CAPTURED), ["PENDING", "ACCEPTED"]),
        ((HELD, Event.PAYMENT_REFUSED, Event.RELEASED), ["PENDING", "REFUSED"]),
        ((HELD, Event.UNANSWERED, Event.EXPIRED), ["PENDING", "PENDING", "PENDING"]),
        ((HELD, Event.ID_CONFLICT), ["PENDING", "PENDING"]),
    ],
)
async def test_a_move_is_told_as_e_port_has_it(lines, events, statuses) -> None:
    assert [status for status, *_ in await lines(*events)] == statuses


async def test_a_cancel_that_we_ordered_is_told_as_one(lines) -> None:
    told = await lines(HELD, Event.UNANSWERED, Event.CANCELLED, reason="cancelled_by_order")
    assert told[-1][0] == "CANCELLED"


async def test_what_e_port_said_with_the_move_is_told_with_it(lines) -> None:
    said = {"result": 0, "eport_id": "9001", "provider_finished_at": "2026-11-22T14:05:11.9+05:00"}
    assert (await lines(HELD, Event.PAYMENT_ACCEPTED, **said))[-1] == (
        "ACCEPTED", "0", "9001", "2026-11-22T09:05:11+00:00",
    )  # fmt: skip


async def test_an_eport_id_that_is_learnt_without_a_move_is_told_too(lines) -> None:
    told = await lines(HELD, Event.PAYMENT_PENDING, eport_id=None)
    learnt = await lines(HELD, Event.PAYMENT_PENDING, Event.PAYMENT_PENDING, eport_id="9001")
    assert [row[2] for row in told] == ["", ""]
    assert "9001" in {row[2] for row in learnt}


@pytest.mark.parametrize("result", [-5, 123456])
async def test_a_result_that_no_registry_can_hold_is_left_out(lines, result) -> None:
    assert (await lines(HELD, Event.PAYMENT_PENDING, result=result))[-1][1] == ""


async def test_what_cannot_be_written_stops_no_payment_and_is_an_alarm(lines, store) -> None:
    told = await lines(HELD, Event.PAYMENT_ACCEPTED, eport_id="9;1")
    assert told == []
    alarms = await store.read(open_alarms)
    assert {alarm.name for alarm in alarms} == {"registry_line_unwritable"}
    assert await store.read(lambda tx: tx.one("SELECT state FROM payment")) == ("PAID",)
