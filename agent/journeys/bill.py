"""The bill payment at the terminal: what leads where, and nothing else (DESIGN §5).

Rules of this table:

- It is the only place that decides a journey's next state and its ending.
- Each state has one effect, and an effect comes to one of its outcomes. So the pairs that can happen
  are known, each has a row, and any other pair raises.
- Until SENDING nothing has left that could take money: whatever goes wrong abandons the journey.
- From SENDING on nothing abandons it: the gateway's word ends it, or the 25 seconds do, and then the
  question about the payment's fate is spooled with the same commit.
- A card that is inside goes back before the journey is over.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product

from gateway.state_table import Row


class State(StrEnum):
    STARTED = "STARTED"
    OFFERED = "OFFERED"
    CONSENTED = "CONSENTED"
    CARD_IN = "CARD_IN"
    APPLICATION_CHOSEN = "APPLICATION_CHOSEN"
    PIN_DONE = "PIN_DONE"
    SENDING = "SENDING"
    ASKING = "ASKING"
    ENDED = "ENDED"
    RECEIPT_DONE = "RECEIPT_DONE"
    CARD_TAKEN = "CARD_TAKEN"  # final
    CARD_LEFT = "CARD_LEFT"  # final: staff must take the card out
    RETURNING = "RETURNING"  # nothing was sent, the card goes back
    ABANDONED = "ABANDONED"  # final: nothing was sent


class Event(StrEnum):
    OFFER_MADE = "OFFER_MADE"
    CHECK_REFUSED = "CHECK_REFUSED"
    CHECK_UNANSWERED = "CHECK_UNANSWERED"  # a check moves no money, so it fails closed
    NOT_READY = "NOT_READY"
    AMOUNT_GIVEN = "AMOUNT_GIVEN"
    CONSENT_GIVEN = "CONSENT_GIVEN"
    OFFER_EXPIRED = "OFFER_EXPIRED"
    CANCELLED = "CANCELLED"
    WALKED_AWAY = "WALKED_AWAY"
    CARD_INSERTED = "CARD_INSERTED"
    APPLICATION_OPENED = "APPLICATION_OPENED"
    PIN_ENTERED = "PIN_ENTERED"
    CRYPTOGRAM_MADE = "CRYPTOGRAM_MADE"
    CARD_PULLED = "CARD_PULLED"
    CARD_UNUSABLE = "CARD_UNUSABLE"
    CARD_DECLINED = "CARD_DECLINED"  # the chip's own AAC
    DEVICE_FAILED = "DEVICE_FAILED"
    PAID = "PAID"
    NOTHING_TAKEN = "NOTHING_TAKEN"
    BEING_UNBLOCKED = "BEING_UNBLOCKED"
    IN_PROCESSING = "IN_PROCESSING"
    STILL_WAITING = "STILL_WAITING"
    UNANSWERED = "UNANSWERED"
    NEVER_RECEIVED = "NEVER_RECEIVED"
    TIME_IS_UP = "TIME_IS_UP"
    RECEIPT_PRINTED = "RECEIPT_PRINTED"
    RECEIPT_NOT_PRINTED = "RECEIPT_NOT_PRINTED"
    CARD_TAKEN = "CARD_TAKEN"
    CARD_LEFT = "CARD_LEFT"
    RESOLVED = "RESOLVED"  # the spooled question was answered, long after
    RESTARTED = "RESTARTED"


class Effect(StrEnum):
    CHECK = "check"
    ASK_CONSENT = "ask_consent"
    WAIT_FOR_CARD = "wait_for_card"
    OPEN_APPLICATION = "open_application"
    ENTER_PIN = "enter_pin"
    MAKE_CRYPTOGRAM = "make_cryptogram"
    PUT_PAYMENT = "put_payment"
    ASK_FATE = "ask_fate"
    PRINT_RECEIPT = "print_receipt"
    RETURN_CARD = "return_card"


class Step(StrEnum):
    """What is committed together with the move."""

    IDENTIFY = "identify"  # payment_id and receipt number, before the PUT
    ASK_LATER = "ask_later"  # the question about the payment's fate goes to the spool
    ALARM = "alarm"


class Ending(StrEnum):
    PAID = "paid"
    NOTHING_TAKEN = "nothing_taken"
    BEING_UNBLOCKED = "being_unblocked"
    IN_PROCESSING = "in_processing"
    OUT_OF_SERVICE = "out_of_service"
    CANCELLED = "cancelled"  # by the person, or by a restart, before anything was sent


_S, _E, _D = State, Event, Step
_Row = Row[State, Step]

# fmt: off
_ROWS: tuple[tuple[tuple[State, ...], tuple[Event, ...], _Row], ...] = (
    ((_S.STARTED,), (_E.OFFER_MADE,), Row(_S.OFFERED)),
    ((_S.STARTED,), (_E.CHECK_REFUSED, _E.CHECK_UNANSWERED), Row(_S.ABANDONED)),
    ((_S.STARTED, _S.OFFERED), (_E.NOT_READY,), Row(_S.ABANDONED)),
    ((_S.OFFERED,), (_E.AMOUNT_GIVEN,), Row(_S.OFFERED)),
    ((_S.OFFERED,), (_E.OFFER_EXPIRED,), Row(_S.ABANDONED)),
    ((_S.OFFERED,), (_E.CONSENT_GIVEN,), Row(_S.CONSENTED)),
    ((_S.CONSENTED,), (_E.CARD_INSERTED,), Row(_S.CARD_IN)),
    ((_S.CONSENTED,), (_E.CARD_UNUSABLE,), Row(_S.RETURNING)),
    ((_S.CONSENTED,), (_E.DEVICE_FAILED,), Row(_S.ABANDONED)),
    ((_S.STARTED, _S.OFFERED), (_E.CANCELLED, _E.WALKED_AWAY, _E.RESTARTED), Row(_S.ABANDONED)),
    # A card may be inside, nothing was sent.
    ((_S.CARD_IN,), (_E.APPLICATION_OPENED,), Row(_S.APPLICATION_CHOSEN)),
    ((_S.APPLICATION_CHOSEN,), (_E.PIN_ENTERED,), Row(_S.PIN_DONE)),
    ((_S.PIN_DONE,), (_E.CRYPTOGRAM_MADE,), Row(_S.SENDING, (_D.IDENTIFY,))),
    ((_S.PIN_DONE,), (_E.CARD_DECLINED,), Row(_S.RETURNING)),
    ((_S.CARD_IN, _S.PIN_DONE), (_E.CARD_UNUSABLE,), Row(_S.RETURNING)),
    ((_S.CARD_IN, _S.APPLICATION_CHOSEN, _S.PIN_DONE), (_E.CARD_PULLED,), Row(_S.RETURNING)),
    ((_S.CONSENTED, _S.CARD_IN, _S.APPLICATION_CHOSEN), (_E.CANCELLED, _E.WALKED_AWAY), Row(_S.RETURNING)),
    ((_S.CARD_IN, _S.APPLICATION_CHOSEN, _S.PIN_DONE), (_E.DEVICE_FAILED,), Row(_S.RETURNING)),
    ((_S.CONSENTED, _S.CARD_IN, _S.APPLICATION_CHOSEN, _S.PIN_DONE), (_E.RESTARTED,), Row(_S.RETURNING)),
    ((_S.RETURNING,), (_E.CARD_TAKEN,), Row(_S.ABANDONED)),
    ((_S.RETURNING,), (_E.CARD_LEFT,), Row(_S.ABANDONED, (_D.ALARM,))),
    ((_S.RETURNING,), (_E.RESTARTED,), Row(_S.RETURNING)),
    # The payment is on its way: it resolves.
    ((_S.SENDING,), (_E.STILL_WAITING, _E.UNANSWERED), Row(_S.ASKING)),
    ((_S.SENDING, _S.ASKING), (_E.RESTARTED,), Row(_S.ASKING)),
    ((_S.SENDING, _S.ASKING), (_E.PAID, _E.NOTHING_TAKEN), Row(_S.ENDED)),
    ((_S.ASKING,), (_E.NEVER_RECEIVED,), Row(_S.ENDED)),
    ((_S.SENDING, _S.ASKING), (_E.BEING_UNBLOCKED, _E.IN_PROCESSING, _E.TIME_IS_UP), Row(_S.ENDED, (_D.ASK_LATER,))),
    # It is over; the customer takes what is theirs.
    ((_S.ENDED,), (_E.RECEIPT_PRINTED, _E.RECEIPT_NOT_PRINTED), Row(_S.RECEIPT_DONE)),
    ((_S.RECEIPT_DONE,), (_E.CARD_TAKEN,), Row(_S.CARD_TAKEN)),
    ((_S.RECEIPT_DONE,), (_E.CARD_LEFT,), Row(_S.CARD_LEFT, (_D.ALARM,))),
    ((_S.ENDED,), (_E.RESTARTED, _E.RESOLVED), Row(_S.ENDED)),
    ((_S.RECEIPT_DONE,), (_E.RESTARTED, _E.RESOLVED), Row(_S.RECEIPT_DONE)),
    ((_S.CARD_TAKEN,), (_E.RESOLVED,), Row(_S.CARD_TAKEN)),
    ((_S.CARD_LEFT,), (_E.RESOLVED,), Row(_S.CARD_LEFT)),
)
# fmt: on

TABLE: Mapping[tuple[State, Event], _Row] = {
    pair: row for states, events, row in _ROWS for pair in product(states, events)
}

ENDINGS: Mapping[Event, Ending] = {
    _E.PAID: Ending.PAID,
    _E.CHECK_REFUSED: Ending.NOTHING_TAKEN,
    _E.OFFER_EXPIRED: Ending.NOTHING_TAKEN,
    _E.CARD_PULLED: Ending.NOTHING_TAKEN,
    _E.CARD_UNUSABLE: Ending.NOTHING_TAKEN,
    _E.CARD_DECLINED: Ending.NOTHING_TAKEN,
    _E.NOTHING_TAKEN: Ending.NOTHING_TAKEN,
    _E.NEVER_RECEIVED: Ending.NOTHING_TAKEN,
    _E.BEING_UNBLOCKED: Ending.BEING_UNBLOCKED,
    _E.IN_PROCESSING: Ending.IN_PROCESSING,
    _E.TIME_IS_UP: Ending.IN_PROCESSING,
    _E.CHECK_UNANSWERED: Ending.OUT_OF_SERVICE,
    _E.NOT_READY: Ending.OUT_OF_SERVICE,
    _E.DEVICE_FAILED: Ending.OUT_OF_SERVICE,
    _E.CANCELLED: Ending.CANCELLED,
    _E.WALKED_AWAY: Ending.CANCELLED,
    _E.RESTARTED: Ending.CANCELLED,
}
"""What the customer is told, by the event that leads to a state of ENDS."""

ENDS = frozenset({State.ABANDONED, State.RETURNING, State.ENDED})

EFFECTS: Mapping[State, Effect] = {
    _S.STARTED: Effect.CHECK,
    _S.OFFERED: Effect.ASK_CONSENT,
    _S.CONSENTED: Effect.WAIT_FOR_CARD,
    _S.CARD_IN: Effect.OPEN_APPLICATION,
    _S.APPLICATION_CHOSEN: Effect.ENTER_PIN,
    _S.PIN_DONE: Effect.MAKE_CRYPTOGRAM,
    _S.SENDING: Effect.PUT_PAYMENT,
    _S.ASKING: Effect.ASK_FATE,
    _S.ENDED: Effect.PRINT_RECEIPT,
    _S.RECEIPT_DONE: Effect.RETURN_CARD,
    _S.RETURNING: Effect.RETURN_CARD,
}

OUTCOMES: Mapping[Effect, frozenset[Event]] = {
    Effect.CHECK: frozenset({_E.OFFER_MADE, _E.CHECK_REFUSED, _E.CHECK_UNANSWERED, _E.NOT_READY}),
    Effect.ASK_CONSENT: frozenset({_E.AMOUNT_GIVEN, _E.CONSENT_GIVEN, _E.OFFER_EXPIRED, _E.NOT_READY}),
    Effect.WAIT_FOR_CARD: frozenset({_E.CARD_INSERTED, _E.CARD_UNUSABLE, _E.DEVICE_FAILED}),
    Effect.OPEN_APPLICATION: frozenset(
        {_E.APPLICATION_OPENED, _E.CARD_PULLED, _E.CARD_UNUSABLE, _E.DEVICE_FAILED}
    ),
    Effect.ENTER_PIN: frozenset({_E.PIN_ENTERED, _E.CARD_PULLED, _E.DEVICE_FAILED}),
    Effect.MAKE_CRYPTOGRAM: frozenset(
        {_E.CRYPTOGRAM_MADE, _E.CARD_PULLED, _E.CARD_UNUSABLE, _E.CARD_DECLINED, _E.DEVICE_FAILED}
    ),
    Effect.PUT_PAYMENT: frozenset(
        {
            *(_E.PAID, _E.NOTHING_TAKEN, _E.BEING_UNBLOCKED, _E.IN_PROCESSING),
            *(_E.STILL_WAITING, _E.UNANSWERED, _E.TIME_IS_UP),
        }
    ),
    Effect.ASK_FATE: frozenset(
        {
            *(_E.PAID, _E.NOTHING_TAKEN, _E.BEING_UNBLOCKED, _E.IN_PROCESSING),
            *(_E.NEVER_RECEIVED, _E.TIME_IS_UP),
        }
    ),
    Effect.PRINT_RECEIPT: frozenset({_E.RECEIPT_PRINTED, _E.RECEIPT_NOT_PRINTED}),
    Effect.RETURN_CARD: frozenset({_E.CARD_TAKEN, _E.CARD_LEFT}),
}

DEFECTS: Mapping[Effect, Event] = {
    Effect.CHECK: _E.CHECK_UNANSWERED,
    Effect.ASK_CONSENT: _E.NOT_READY,
    Effect.WAIT_FOR_CARD: _E.DEVICE_FAILED,
    Effect.OPEN_APPLICATION: _E.DEVICE_FAILED,
    Effect.ENTER_PIN: _E.DEVICE_FAILED,
    Effect.MAKE_CRYPTOGRAM: _E.DEVICE_FAILED,
    Effect.PUT_PAYMENT: _E.UNANSWERED,
    Effect.ASK_FATE: _E.TIME_IS_UP,
    Effect.PRINT_RECEIPT: _E.RECEIPT_NOT_PRINTED,
    Effect.RETURN_CARD: _E.CARD_LEFT,
}
"""What an effect comes to when it raises, which only a fault of our own makes it do."""

INTERRUPTIBLE = frozenset({_S.STARTED, _S.OFFERED, _S.CONSENTED, _S.CARD_IN, _S.APPLICATION_CHOSEN})
"""Where CANCEL and walking away are heard: never while a cryptogram is made or money moves."""

RESOLVABLE = frozenset({_S.ENDED, _S.RECEIPT_DONE, _S.CARD_TAKEN, _S.CARD_LEFT})
"""Where the answer to a spooled question may still arrive."""

FINAL = frozenset(State) - frozenset(EFFECTS)
