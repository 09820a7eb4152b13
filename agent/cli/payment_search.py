"""A payment by whatever number a person has, in both stores of a node.

The terminal may know it by its receipt; the gateway then knows it by its payment_id.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final
from zoneinfo import ZoneInfo

from agent import owner
from agent.payment_numbers import Arguments, read_number
from agent.settings import Settings
from spool import ControlError

# As `agent.terminal_commands` and `gateway.operator` say it, which would bring all that serves a store.
NO_SUCH_JOURNEY: Final = "no_such_journey"
NO_SUCH_PAYMENT: Final = "no_such_payment"


async def find_payment(settings: Settings, number: str) -> tuple[owner.Item | None, owner.Item | None]:
    """At the gateway (`payments.show`) and at the terminal (`journeys.show`), of which one is there.

    ControlError or NoStoreError if neither is, or if the number names several.
    """
    wanted = read_number(number, ZoneInfo(settings.node.time_zone))
    journey = await _journey(settings, wanted)
    if not settings.role.has_gateway:
        if journey is None:
            raise ControlError(NO_SUCH_JOURNEY, "this terminal has no payment of that number or time")
        return None, journey
    try:
        [payment] = await items(owner.gateway_store(settings), "payments.show", _asked(journey, wanted))
    except (ControlError, owner.NoStoreError):
        if journey is None:
            raise
        return None, journey
    return payment, journey


async def asked_of_gateway(settings: Settings, number: str) -> Arguments:
    """What names the payment in a command of the gateway's control socket."""
    wanted = read_number(number, ZoneInfo(settings.node.time_zone))
    return _asked(await _journey(settings, wanted), wanted)


async def transfer_asked_of_gateway(settings: Settings, number: str) -> Arguments:
    """As `asked_of_gateway`, for an order by link and a merchant's sale: this terminal knows both by their receipts."""
    wanted = read_number(number, ZoneInfo(settings.node.time_zone))
    if "id" not in wanted or not settings.role.has_terminal:
        return wanted
    try:
        [known] = await items(owner.agent_store(settings), "receipts.show", wanted)
    except (ControlError, owner.NoStoreError):
        return wanted
    return {"id": str(known["id"])}


async def subject_of(settings: Settings, about: str) -> str:
    """What an alarm about it is filed under: a payment's payment_id, or the name as it is."""
    try:
        payment, _ = await find_payment(settings, about)
    except ControlError as error:
        if error.code == NO_SUCH_PAYMENT:
            return about
        raise
    return about if payment is None else str(payment["payment_id"])


async def items(
    store: AbstractAsyncContextManager[owner.Call], command: str, arguments: Mapping[str, Any]
) -> list[owner.Item]:
    async with store as call:
        return [item async for item in call(command, dict(arguments))]


async def _journey(settings: Settings, wanted: Arguments) -> owner.Item | None:
    """None: this node's terminal does not know it, was never started, or is not there."""
    if not settings.role.has_terminal or wanted.get("terminal", settings.node.id) != settings.node.id:
        return None
    try:
        [journey] = await items(owner.agent_store(settings), "journeys.show", wanted)
    except owner.NoStoreError:
        if settings.role.has_gateway:
            return None
        raise
    except ControlError as error:
        if error.code == NO_SUCH_JOURNEY:
            return None
        raise
    return journey


def _asked(journey: Mapping[str, Any] | None, wanted: Arguments) -> Arguments:
    return {"id": journey["payment_id"]} if journey and journey["payment_id"] else wanted
