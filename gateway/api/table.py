"""The calls of our API as a table: routes, checks of every request and `openapi.json` follow from it."""

from typing import Final

from gateway.api.call import EVERY_BODY, EVERY_POST, Call, Raw
from gateway.api.transfer_calls import TRANSFER_CALLS
from gateway.contract import (
    CheckRefused,
    CheckRequest,
    Enrolled,
    EnrolmentRequest,
    Events,
    EventsTaken,
    NeverReceived,
    Offer,
    PaymentRequest,
    PaymentView,
    Readiness,
    RegistryStanding,
    RegistryTaken,
    RenewalRequest,
)
from gateway.providers.product import Catalogue

_EVERY_CALL: Final = ("terminal_unidentified", "terminal_revoked", "internal_error", "store_unavailable")
_JSON: Final = "application/json"

TERMINAL_CALLS: Final = (
    Call(
        "catalogue",
        "GET",
        "/v1/catalogue",
        "Groups, providers, products and requisites in three languages",
        answers={200: (Catalogue,), 304: ""},
        terminal=False,
        tagged=True,
    ),
    Call(
        "check",
        "POST",
        "/v1/checks",
        "Ask the provider whose account it is. Moves no money; one check serves one payment for one hour",
        request=CheckRequest,
        answers={200: (Offer, CheckRefused)},
        problems=(
            *EVERY_POST,
            "product_unknown",
            "requisites_invalid",
            "amount_invalid",
            "check_unanswered",
            "provider_off",
            "eport_unavailable",
            "overloaded",
            "stopping",
        ),
    ),
    Call(
        "put_payment",
        "PUT",
        "/v1/payments/{payment_id}",
        "Pay by a check. The terminal chose the id and committed it before sending",
        request=PaymentRequest,
        answers={200: (PaymentView,), 202: (PaymentView,)},
        problems=(
            *EVERY_BODY,
            "payment_conflict",
            "never_received",
            "check_unknown",
            "check_used",
            "check_expired",
            "offer_differs",
            "card_incomplete",
            "provider_off",
            "card_host_unavailable",
            "eport_unavailable",
            "store_restored",
            "overloaded",
            "stopping",
        ),
        waits=True,
    ),
    Call(
        "get_payment",
        "GET",
        "/v1/payments/{payment_id}",
        "State, history, what the customer may be told. Changes nothing",
        answers={200: (PaymentView,)},
        problems=("malformed_request", "payment_not_found", "store_restored"),
        waits=True,
    ),
    Call(
        "resolve_payment",
        "POST",
        "/v1/payments/{payment_id}/resolve",
        "After a lost answer: the state, or a durable promise that the payment never arrived",
        answers={200: (PaymentView, NeverReceived)},
        problems=(*EVERY_POST, "payment_not_found", "store_restored"),
    ),
    *TRANSFER_CALLS,
    Call(
        "events",
        "POST",
        "/v1/events",
        "Journal and device events of the terminal, in batches",
        request=Events,
        answers={200: (EventsTaken,)},
        problems=EVERY_POST,
    ),
    Call(
        "put_registry",
        "PUT",
        "/v1/registries/{terminal}/{number}",
        "A terminal's registry, number = <installation>-<n> without gaps. The answer is its acknowledgement",
        request=Raw("text/csv", largest_bytes=4 * 1024 * 1024),
        answers={200: (RegistryTaken,)},
        problems=(*EVERY_BODY, "terminal_differs", "registry_invalid", "registry_gap", "registry_conflict"),
    ),
    Call(
        "get_registry",
        "GET",
        "/v1/registries/{terminal}",
        "Which number is expected next",
        answers={200: (RegistryStanding,)},
        problems=("terminal_differs",),
    ),
    Call(
        "renew_certificate",
        "POST",
        "/v1/certificates",
        "The next certificate of the terminal that calls. Over mutual TLS only",
        request=RenewalRequest,
        answers={200: (Enrolled,)},
        problems=(*EVERY_POST, "not_signing", "request_unfit"),
    ),
    Call(
        "readiness",
        "GET",
        "/v1/readiness",
        "May a terminal start taking money through this gateway?",
        answers={200: (Readiness,)},
        terminal=False,
    ),
    Call(
        "openapi",
        "GET",
        "/openapi.json",
        "This contract",
        answers={200: _JSON},
        terminal=False,
    ),
)

ENROLMENT_CALLS: Final = (
    Call(
        "enrol",
        "POST",
        "/v1/enrolments",
        "A terminal's first certificate, for a one-time code. On the enrolment listener only, without a certificate",
        request=EnrolmentRequest,
        answers={200: (Enrolled,)},
        problems=(
            *EVERY_POST,
            "enrolment_refused",
            "enrolment_code_used",
            "enrolment_code_expired",
            "request_unfit",
            "store_unavailable",
        ),
        terminal=False,
    ),
)

MONITOR_CALLS: Final = (
    Call(
        "livez",
        "GET",
        "/livez",
        "The process runs its loop. On loopback only",
        answers={200: "text/plain"},
        terminal=False,
    ),
    Call(
        "readyz",
        "GET",
        "/readyz",
        "As /v1/readiness, by status. On loopback only",
        answers={200: (Readiness,), 503: (Readiness,)},
        terminal=False,
    ),
    Call(
        "metrics",
        "GET",
        "/metrics",
        "Prometheus text. On loopback only",
        answers={200: "text/plain"},
        terminal=False,
    ),
)

CALLS: Final = (*TERMINAL_CALLS, *ENROLMENT_CALLS, *MONITOR_CALLS)


def problems_of(call: Call) -> tuple[str, ...]:
    """Every code that the call can answer."""
    return tuple(dict.fromkeys((*(_EVERY_CALL if call.terminal else ("internal_error",)), *call.problems)))
