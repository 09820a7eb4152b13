"""The calls for C2B2E as a terminal makes them: `GatewayClient.transfers`. Errors are `gateway.client`'s."""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from pydantic import BaseModel, TypeAdapter

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

_LINK: Final[TypeAdapter[LinkOffer | LinkRefused]] = TypeAdapter(LinkOffer | LinkRefused)
_RESOLVED: Final[TypeAdapter[OrderView | OrderNeverReceived]] = TypeAdapter(OrderView | OrderNeverReceived)
_ORDER: Final = TypeAdapter(OrderView)
_SALE: Final = TypeAdapter(SaleView)
T = TypeVar("T")


class Calling(Protocol):
    """One call of the API, its answer checked. Raises Unreachable or Refusal."""

    async def __call__(  # noqa: PLR0913 - a call is all of these
        self,
        answer: TypeAdapter[T],
        method: str,
        path: str,
        body: BaseModel | bytes | None = None,
        *,
        key: str | None = None,
        wait_seconds: float = 0.0,
    ) -> T: ...


class TransferClient:
    def __init__(self, call: Calling, random_bytes: Callable[[int], bytes]) -> None:
        self._call = call
        self._random_bytes = random_bytes

    async def resolve_link(self, request: LinkRequest, *, key: str) -> LinkOffer | LinkRefused:
        """Whom a link pays, and how much. Its payee's bank may take its time: `ClientTimers.answer_seconds`."""
        return await self._call(_LINK, "POST", "/v1/links/resolve", request, key=key)

    async def put_order(
        self, order_id: str, request: OrderRequest, *, wait_seconds: float = 0.0
    ) -> OrderView:
        """Pay. Returns the outcome, or the order in progress when `wait_seconds` are over."""
        path = f"/v1/orders/{order_id}"
        return await self._call(_ORDER, "PUT", path, request, wait_seconds=wait_seconds)

    async def get_order(self, order_id: str, *, wait_seconds: float = 0.0) -> OrderView:
        """The order now; with `wait_seconds`, after its next move unless it has ended."""
        return await self._call(_ORDER, "GET", f"/v1/orders/{order_id}", wait_seconds=wait_seconds)

    async def resolve_order(self, order_id: str) -> OrderView | OrderNeverReceived:
        """What became of a PUT whose answer was lost. Each call asks anew."""
        return await self._call(_RESOLVED, "POST", f"/v1/orders/{order_id}/resolve", key=self._new_key())

    async def put_sale(self, sale_id: str, request: SaleRequest) -> SaleView:
        return await self._call(_SALE, "PUT", f"/v1/sales/{sale_id}", request)

    async def get_sale(self, sale_id: str, *, wait_seconds: float = 0.0) -> SaleView:
        """The sale now; with `wait_seconds`, after its next move unless it has ended."""
        return await self._call(_SALE, "GET", f"/v1/sales/{sale_id}", wait_seconds=wait_seconds)

    async def cancel_sale(self, sale_id: str) -> SaleView:
        """The sale as it then is: an order that had come first is not called off."""
        return await self._call(_SALE, "POST", f"/v1/sales/{sale_id}/cancel", key=self._new_key())

    def _new_key(self) -> str:
        return self._random_bytes(16).hex()
