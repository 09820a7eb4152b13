"""Every error that our API can answer: RFC 9457 problem documents, one table of codes (PROTOCOLS §1).

`retryable` says whether the same bytes may succeed later; for a POST that means with a new
Idempotency-Key, since the old one already has its answer.
"""

from dataclasses import dataclass
from typing import Any, Final

from gateway.contract import Problem

CONTENT_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    status: int
    title: str
    retryable: bool = False


# fmt: off
KINDS: Final[dict[str, Kind]] = {
    "malformed_request":       Kind(400, "The request cannot be read"),
    "idempotency_key_missing": Kind(400, "A POST needs an Idempotency-Key"),
    "terminal_unidentified":   Kind(403, "Nobody says which terminal this is"),
    "terminal_differs":        Kind(403, "The certificate names another terminal"),
    "terminal_revoked":        Kind(403, "This terminal was shut out"),
    "enrolment_refused":       Kind(403, "The one-time code is not this terminal's"),
    "not_found":               Kind(404, "There is no such call"),
    "payment_not_found":       Kind(404, "This terminal has no such payment"),
    "order_not_found":         Kind(404, "This terminal has no such order"),
    "sale_not_found":          Kind(404, "This terminal has no such sale"),
    "method_not_allowed":      Kind(405, "The call does not know this method"),
    "idempotency_conflict":    Kind(409, "The key was used with other content"),
    "payment_conflict":        Kind(409, "The payment was sent with other content"),
    "never_received":          Kind(409, "The terminal was told that this payment never arrived"),
    "check_unknown":           Kind(409, "This terminal has no such check"),
    "check_used":              Kind(409, "The check already serves a payment"),
    "check_expired":           Kind(409, "The check's hour is over"),
    "offer_differs":           Kind(409, "The payment differs from its offer"),
    "order_conflict":          Kind(409, "The order was sent with other content"),
    "offer_unknown":           Kind(409, "This terminal has no such offer of a link"),
    "offer_used":              Kind(409, "The offer already serves an order"),
    "offer_expired":           Kind(409, "The offer's time is over"),
    "sale_conflict":           Kind(409, "The sale was sent with other content"),
    "merchant_unknown":        Kind(409, "This terminal sells for no merchant"),
    "registry_gap":            Kind(409, "A registry before this one is missing"),
    "registry_conflict":       Kind(409, "The registry was sent with other content"),
    "enrolment_code_used":     Kind(409, "The one-time code was used"),
    "not_signing":             Kind(409, "This gateway signs no certificates"),
    "enrolment_code_expired":  Kind(410, "The one-time code's time is over"),
    "body_too_large":          Kind(413, "The body is too large"),
    "unsupported_media_type":  Kind(415, "The body has another media type"),
    "product_unknown":         Kind(422, "The catalogue has no such product"),
    "requisites_invalid":      Kind(422, "The requisites break the product's rules"),
    "amount_invalid":          Kind(422, "The sum breaks the product's rules"),
    "card_incomplete":         Kind(422, "The card's data are incomplete or disagree"),
    "registry_invalid":        Kind(422, "The registry is refused whole"),
    "request_unfit":           Kind(422, "The certificate request cannot be signed"),
    "internal_error":          Kind(500, "The gateway failed", retryable=True),
    "check_unanswered":        Kind(503, "The provider did not answer the check", retryable=True),
    "eport_unavailable":       Kind(503, "The provider is not reachable now", retryable=True),
    "provider_off":            Kind(503, "The bank has switched this provider off for now", retryable=True),
    "card_host_unavailable":   Kind(503, "The card host is not reachable now", retryable=True),
    "transfers_off":           Kind(503, "This gateway takes no part in such transfers"),
    "transfers_unavailable":   Kind(503, "The transfers platform is not reachable now", retryable=True),
    "store_restored":          Kind(503, "The store was restored and may have forgotten this payment"),
    "store_unavailable":       Kind(503, "The gateway cannot write now", retryable=True),
    "overloaded":              Kind(503, "Too many requests are in flight", retryable=True),
    "stopping":                Kind(503, "The gateway is stopping", retryable=True),
}
# fmt: on


class ProblemError(Exception):
    """An answer that is an error. `members` are extensions of the document, such as `errors`."""

    def __init__(
        self, code: str, detail: str, *, retry_after_seconds: int | None = None, **members: Any
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status = KINDS[code].status
        self.retry_after_seconds = retry_after_seconds
        self.document = problem(code, detail, **members)


def problem(code: str, detail: str, **members: Any) -> Problem:
    kind = KINDS[code]
    return Problem(
        type=f"urn:tolem:problem:{code}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        code=code,
        retryable=kind.retryable,
        **members,
    )
