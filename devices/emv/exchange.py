"""One command with its follow-ups: GET RESPONSE after 61xx, the right Le after 6Cxx, a deadline for each."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from devices.emv.apdu import Command, Response, get_response
from devices.emv.channel import CardChannel
from devices.emv.faults import CardFaultError, CardSilentError, Fault
from devices.emv.status_words import more_data, right_length
from devices.witness import NOBODY, Witness

T = TypeVar("T")

APDU_SECONDS: Final = 10.0  # a card may ask for more time several times over
MOST_FOLLOW_UPS: Final = 8


class Exchange:
    """Speaks to the card that is powered up. Raises what `faults` lists."""

    def __init__(
        self, channel: CardChannel, *, apdu_seconds: float = APDU_SECONDS, witness: Witness = NOBODY
    ) -> None:
        self._channel = channel
        self._witness = witness
        self._apdu_seconds = apdu_seconds

    async def power_on(self) -> None:
        await self._in_time(self._channel.power_on(), "the reset")

    async def power_off(self) -> None:
        await self._in_time(self._channel.power_off(), "the end of the session")

    async def send(self, command: Command) -> Response:
        """The whole answer, whatever its status."""
        response = await self._transmit(command)
        data = b""
        for _ in range(MOST_FOLLOW_UPS):
            data += response.data
            if (length := right_length(response.status)) is not None:
                command = Command(command.cla, command.ins, command.p1, command.p2, command.data, length)
                response = await self._transmit(command)
            elif (length := more_data(response.status)) is not None:
                command = get_response(length)
                response = await self._transmit(command)
            else:
                return Response(data, response.status)
        raise CardFaultError(Fault.PROTOCOL_ERROR, "an answer in too many parts")

    async def _transmit(self, command: Command) -> Response:
        self._witness.frame(f"→ {command!r}")
        answer = await self._in_time(self._channel.transmit(command.encode()), repr(command))
        response = Response.decode(answer)
        self._witness.frame(f"← {response!r}")
        return response

    async def _in_time(self, call: Awaitable[T], what: str) -> T:
        try:
            async with asyncio.timeout(self._apdu_seconds):
                return await call
        except TimeoutError:
            raise CardSilentError(f"no answer to {what}: pull the card") from None
