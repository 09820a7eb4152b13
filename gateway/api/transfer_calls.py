"""The calls for C2B2E: links and orders of the payer, sales of the payee (PROTOCOLS §1, §4)."""

from typing import Final

from gateway.api.call import EVERY_BODY, EVERY_POST, Call
from gateway.transfer_contract import (
    LinkOffer,
    LinkRefused,
    LinkRequest,
    OrderNeverReceived,
    OrderRequest,
    OrderView,
    SaleRequest,
    SaleView,
)

_NOT_NOW: Final = ("transfers_off", "transfers_unavailable", "overloaded", "stopping")

TRANSFER_CALLS: Final = (
    Call(
        "resolve_link",
        "POST",
        "/v1/links/resolve",
        "Ask the payee's bank who is paid by a link, and how much. Moves no money; one offer serves one order",
        request=LinkRequest,
        answers={200: (LinkOffer, LinkRefused)},
        problems=(*EVERY_POST, *_NOT_NOW),
    ),
    Call(
        "put_order",
        "PUT",
        "/v1/orders/{order_id}",
        "Pay by an offer. The terminal chose the id and committed it before sending",
        request=OrderRequest,
        answers={200: (OrderView,), 202: (OrderView,)},
        problems=(
            *EVERY_BODY,
            *_NOT_NOW,
            "order_conflict",
            "never_received",
            "offer_unknown",
            "offer_used",
            "offer_expired",
            "offer_differs",
            "card_incomplete",
            "card_host_unavailable",
            "store_restored",
        ),
        waits=True,
    ),
    Call(
        "get_order",
        "GET",
        "/v1/orders/{order_id}",
        "State, history, what the customer may be told. Changes nothing",
        answers={200: (OrderView,)},
        problems=("malformed_request", "transfers_off", "order_not_found", "store_restored"),
        waits=True,
    ),
    Call(
        "resolve_order",
        "POST",
        "/v1/orders/{order_id}/resolve",
        "After a lost answer: the state, or a durable promise that the order never arrived",
        answers={200: (OrderView, OrderNeverReceived)},
        problems=(*EVERY_POST, "transfers_off", "order_not_found", "store_restored"),
    ),
    Call(
        "put_sale",
        "PUT",
        "/v1/sales/{sale_id}",
        "Make a link for a merchant's sale. The terminal chose the id and committed it before sending",
        request=SaleRequest,
        answers={200: (SaleView,)},
        problems=(*EVERY_BODY, *_NOT_NOW, "sale_conflict", "merchant_unknown", "amount_invalid"),
    ),
    Call(
        "get_sale",
        "GET",
        "/v1/sales/{sale_id}",
        "State, history, what the merchant may be told. Changes nothing",
        answers={200: (SaleView,)},
        problems=("malformed_request", "transfers_off", "sale_not_found"),
        waits=True,
    ),
    Call(
        "cancel_sale",
        "POST",
        "/v1/sales/{sale_id}/cancel",
        "Close the link unless somebody's order has come. The answer is the sale as it then is",
        answers={200: (SaleView,)},
        problems=(*EVERY_POST, "transfers_off", "sale_not_found"),
    ),
)
