"""What an HTTP status to a message of ours comes to, as an event of the tables (PROTOCOLS §3.4).

`http` is None where no answer came. A result of None moves nothing: the message was taken, or it is sent
again (`retryable`), or a deadline asks. Only a refusal of the very first attempt proves that a message had
no effect; whoever cannot be sure that an attempt was the first (a crash while it was on its way) says False.
"""

from typing import Final

from gateway.c2b2e import payee, payer

REFUSALS: Final = frozenset({400, 401, 403, 404, 410, 413, 415, 422})
_TAKEN: Final = 200
_UNKNOWN: Final = 404
_SERVER_ERROR: Final = 500
_AGAIN: Final = frozenset({None, 408, 429})


def retryable(http: int | None) -> bool:
    """Whether the same bytes are sent again: no answer, 408, 429, 5xx."""
    return http in _AGAIN or (http is not None and http >= _SERVER_ERROR)


def to_request(http: int | None) -> payer.Event | None:
    """To an admi.009, which moves no money: whatever is final ends it."""
    return None if http == _TAKEN or retryable(http) else payer.Event.REQUEST_REFUSED


def to_order(http: int | None, *, first: bool) -> payer.Event | None:
    """To a pacs.008; `first`: it was the first attempt."""
    if http == _TAKEN or retryable(http):
        return None
    refused = first and http in REFUSALS
    return payer.Event.ORDER_REFUSED if refused else payer.Event.ORDER_DOUBTFUL


def to_payers_question(http: int | None, *, too_late_for_the_order: bool) -> payer.Event | None:
    """To a pacs.028 of the payer's bank; its pacs.002 comes by itself. See `deadlines.order_is_over`."""
    return payer.Event.ORDER_UNKNOWN if http == _UNKNOWN and too_late_for_the_order else None


def to_pending(http: int | None, *, first: bool) -> payee.Event | None:
    """To the PDNG of the payee's bank. A 409 proves nothing, here as elsewhere."""
    return payee.Event.PENDING_REFUSED if first and http in REFUSALS else None
