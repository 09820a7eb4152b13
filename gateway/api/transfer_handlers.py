"""What the calls for C2B2E do, by their names in the table. A role that this gateway does not have is a problem."""

from collections.abc import Mapping

from gateway.api.requests import Asked
from gateway.api.server import Answer, Handler, answer_again, answer_with
from gateway.c2b2e.desk import Payee, Payer
from gateway.contract import Told
from gateway.idempotency import Finish, Once, Prepare, Reply
from gateway.problems import ProblemError
from spool import Transaction


class TransferHandlers:
    """`payer` and `payee`: None for a role that the settings do not give."""

    def __init__(self, *, once: Once, payer: Payer | None, payee: Payee | None) -> None:
        self._once = once
        self._payer_or_none = payer
        self._payee_or_none = payee

    def by_name(self) -> Mapping[str, Handler]:
        return {
            "resolve_link": self._resolve_link,
            "put_order": self._put_order,
            "get_order": self._get_order,
            "resolve_order": self._resolve_order,
            "put_sale": self._put_sale,
            "get_sale": self._get_sale,
            "cancel_sale": self._cancel_sale,
        }

    async def _resolve_link(self, asked: Asked) -> Answer:
        payer = self._payer()

        async def prepare() -> Finish:
            found = await payer.resolve_link(asked.terminal, asked.body)
            return lambda _: Reply(200, found.model_dump_json().encode())

        return await self._answer_once("link", asked, prepare)

    async def _put_order(self, asked: Asked) -> Answer:
        view = await self._payer().put_order(
            asked.terminal,
            asked.order_id,
            asked.body,
            content=asked.content,
            wait_seconds=asked.wait_seconds,
        )
        return answer_with(view, status=202 if view.told is Told.WAIT else 200)

    async def _get_order(self, asked: Asked) -> Answer:
        return answer_with(
            await self._payer().get_order(asked.terminal, asked.order_id, wait_seconds=asked.wait_seconds)
        )

    async def _resolve_order(self, asked: Asked) -> Answer:
        payer = self._payer()

        def finish(tx: Transaction) -> Reply:
            found = payer.resolve_order(tx, asked.terminal, asked.order_id)
            return Reply(200, found.model_dump_json().encode())

        return await self._answer_once("order", asked, _at_once(finish))

    async def _put_sale(self, asked: Asked) -> Answer:
        return answer_with(
            await self._payee().put_sale(asked.terminal, asked.sale_id, asked.body, content=asked.content)
        )

    async def _get_sale(self, asked: Asked) -> Answer:
        return answer_with(
            await self._payee().get_sale(asked.terminal, asked.sale_id, wait_seconds=asked.wait_seconds)
        )

    async def _cancel_sale(self, asked: Asked) -> Answer:
        payee = self._payee()

        def finish(tx: Transaction) -> Reply:
            return Reply(200, payee.cancel_sale(tx, asked.terminal, asked.sale_id).model_dump_json().encode())

        return await self._answer_once("sale", asked, _at_once(finish))

    async def _answer_once(self, scope: str, asked: Asked, prepare: Prepare) -> Answer:
        return answer_again(
            await self._once.answer(f"{scope} {asked.terminal}", asked.key, asked.content, prepare)
        )

    def _payer(self) -> Payer:
        if self._payer_or_none is None:
            raise ProblemError("transfers_off", "this gateway pays no links: set [transfers] payer")
        return self._payer_or_none

    def _payee(self) -> Payee:
        if self._payee_or_none is None:
            raise ProblemError("transfers_off", "this gateway has no merchants: set [transfers.merchants]")
        return self._payee_or_none


def _at_once(finish: Finish) -> Prepare:
    async def prepare() -> Finish:
        return finish

    return prepare
