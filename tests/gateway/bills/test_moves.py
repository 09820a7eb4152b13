from random import Random

import pytest

from gateway.alarms import alarms_about
from gateway.bills import payment as payments
from gateway.bills.moves import Evidence, UnknownPaymentError
from gateway.bills.payment_states import FINAL, Event, State
from gateway.bills.steps import CAPTURE, EXPIRY, PAYMENT, REVERSAL, STATUS, key_of


@pytest.fixture
def play(store, moves):
    """Play events one after the other, each in a transaction of its own."""

    async def apply(payment, *events, **evidence):
        for event in events:
            payment = await store.write(
                lambda tx, event=event, payment=payment: moves.apply(
                    tx, payment.payment_id, event, Evidence(**evidence)
                )
            )
        return payment

    return apply


@pytest.fixture
def entries(store):
    """What the spool holds of a payment: kind → state."""

    async def read(payment):
        rows = await store.read(lambda tx: list(tx.execute("SELECT kind, state, key FROM entry")))
        return {kind: state for kind, state, key in rows if key.endswith(payment.payment_id)}

    return read


async def test_a_payment_enters_holding_with_its_identifiers_and_nothing_to_send(
    store, begin, entries
) -> None:
    payment = await begin()
    stored = await store.read(lambda tx: payments.load(tx, payment.payment_id))
    assert stored == payment
    assert await entries(payment) == {}
    assert [line.event for line in await store.read(lambda tx: payments.history(tx, payment.payment_id))] == [
        "PUT"
    ]


async def test_an_approved_hold_spools_the_payment_and_its_expiry_in_one_commit(play, begin, entries) -> None:
    payment = await play(await begin(), Event.HOLD_APPROVED, approval_code="A1B2C3", response_code="00")
    assert payment.state is State.PAYING
    assert payment.approval_code == "A1B2C3"
    assert await entries(payment) == {PAYMENT: "ready", EXPIRY: "ready"}


async def test_an_acceptance_closes_what_asks_and_spools_one_capture(play, begin, entries, moved) -> None:
    payment = await play(
        await begin(), Event.HOLD_APPROVED, Event.UNANSWERED, Event.PAYMENT_ACCEPTED, eport_id="9001"
    )
    assert (payment.state, payment.eport_id) == (State.PAID, "9001")
    assert payment.finished_at is not None
    assert await entries(payment) == {PAYMENT: "closed", EXPIRY: "closed", STATUS: "closed", CAPTURE: "ready"}
    assert [move.after for move in moved] == [State.HOLDING, State.PAYING, State.PENDING, State.PAID]


async def test_a_refusal_spools_one_reversal(play, begin, entries) -> None:
    payment = await play(await begin(), Event.HOLD_APPROVED, Event.PAYMENT_REFUSED, reason="eport.5")
    assert (payment.state, payment.reason) == (State.RELEASING, "eport.5")
    assert await entries(payment) == {PAYMENT: "closed", EXPIRY: "closed", REVERSAL: "ready"}


async def test_silence_after_the_hold_leaves_the_payment_pending_and_the_hold_alone(
    play, begin, entries
) -> None:
    payment = await play(await begin(), Event.HOLD_APPROVED, Event.UNANSWERED)
    assert payment.state is State.PENDING
    assert await entries(payment) == {PAYMENT: "ready", EXPIRY: "ready", STATUS: "ready"}


async def test_an_ending_is_never_overwritten_and_a_contradiction_is_alarmed(
    store, play, begin, entries
) -> None:
    payment = await play(await begin(), Event.HOLD_APPROVED, Event.PAYMENT_REFUSED, reason="eport.5")
    payment = await play(payment, Event.RELEASED)
    later = await play(payment, Event.PAYMENT_ACCEPTED, Event.PAYMENT_ACCEPTED, note="result 0")
    assert (later.state, later.finished_at) == (State.RELEASED, payment.finished_at)
    assert CAPTURE not in await entries(payment)
    (alarm,) = await store.read(lambda tx: alarms_about(tx, payment.payment_id))
    assert (alarm.name, alarm.times) == ("payment_payment_accepted", 2)


async def test_what_repeats_itself_is_noted_once(store, play, begin) -> None:
    payment = await play(await begin(), Event.HOLD_APPROVED, *[Event.PAYMENT_PENDING] * 5)
    lines = await store.read(lambda tx: payments.history(tx, payment.payment_id))
    assert [(line.event, line.state) for line in lines] == [
        ("PUT", "HOLDING"),
        ("HOLD_APPROVED", "PAYING"),
        ("PAYMENT_PENDING", "PENDING"),
    ]


async def test_the_time_of_a_change_never_goes_back(play, begin, clock) -> None:
    payment = await begin()
    clock.advance(hours=-1)
    payment = await play(payment, Event.HOLD_APPROVED)
    assert payment.changed_at == payment.accepted_at


async def test_e_ports_id_is_learnt_while_the_payment_waits(store, play, begin) -> None:
    payment = await play(await begin(), Event.HOLD_APPROVED, Event.UNANSWERED)
    await play(payment, Event.PAYMENT_PENDING, eport_id="9002")
    (found,) = await store.read(lambda tx: payments.find(tx, "9002"))
    assert found.payment_id == payment.payment_id


async def test_a_failed_step_undoes_the_move(store, moves, begin, funds, moved) -> None:
    payment = await begin()

    def cannot(*_args, **_kwargs) -> bytes:
        raise RuntimeError("no bytes")

    funds.reversal_message = cannot
    with pytest.raises(RuntimeError):
        await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.UNANSWERED))
    stored = await store.read(lambda tx: payments.load(tx, payment.payment_id))
    assert stored.state is State.HOLDING
    assert [move.event for move in moved] == ["PUT"]


async def test_an_unknown_payment_cannot_move(store, moves) -> None:
    with pytest.raises(UnknownPaymentError):
        await store.write(lambda tx: moves.apply(tx, "no-such-payment", Event.RELEASED))


async def test_keys_of_entries_name_kind_and_payment(begin) -> None:
    payment = await begin()
    assert key_of(CAPTURE, payment) == f"card.capture/{payment.txn_id}/{payment.payment_id}"


@pytest.mark.parametrize("seed", range(30))
async def test_no_order_of_events_spools_more_than_one_end_of_the_hold(store, moves, begin, seed) -> None:
    payment, chance = await begin(), Random(seed)

    def play(tx) -> list[State]:
        return [moves.apply(tx, payment.payment_id, chance.choice(list(Event))).state for _ in range(40)]

    states = await store.write(play)
    ended = [n for n, state in enumerate(states) if state in FINAL]
    if ended:
        assert set(states[ended[0] :]) == {states[ended[0]]}
    kinds = [kind for (kind,) in await store.read(lambda tx: [*tx.execute("SELECT kind FROM entry")])]
    assert kinds.count(CAPTURE) + kinds.count(REVERSAL) <= 1
    assert kinds.count(PAYMENT) <= 1
    assert (CAPTURE in kinds) == (states[-1] is State.PAID)
    assert (REVERSAL in kinds) == (states[-1] in {State.RELEASING, State.RELEASED})
