"""What a press on the page does, over the wires of the stage. Each takes the JSON that the page sent."""

import asyncio
import base64
import io
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import aiohttp

from agent.demo.panel import ailments, troubles
from agent.demo.panel.board import Board
from agent.demo.stage import Stage
from devices.escpos.picture import picture
from devices.escpos.profile import PROFILES

Body = dict[str, Any]
Doing = Callable[[Body], Awaitable[None]]
BY_HAND: Final = (
    "insert",
    "pull",
    "press",
    "reader",
    "printer",
    "tear",
    "scan",
)  # commands of `emulators_by_hand`
_PROFILE: Final = PROFILES["escpos"]


class NoSuchTroubleError(Exception):
    """The page asked for what `troubles` or `ailments` do not have."""


class Doings:
    """A person's hands around one stage. Any of them may raise ControlError or aiohttp.ClientError."""

    def __init__(self, stage: Stage, board: Board) -> None:
        self._stage = stage
        self._board = board
        self._troubles = dict.fromkeys(troubles.PLACES, troubles.WORKS)
        self._ailments = ailments.all_well()
        board.put("troubles", dict(self._troubles))
        board.put("ailments", dict(self._ailments))

    def table(self) -> Mapping[str, Doing]:
        """By the last part of the address."""
        by_hand = {name: self._by_hand(f"hands.{name}") for name in BY_HAND}
        return {
            **by_hand,
            "ailment": self.ailment,
            "trouble": self.trouble,
            "decide": self.decide,
            "power": self.cut_power,
        }

    async def ailment(self, body: Body) -> None:
        """`{device, ailment}`, or nothing: all devices are well again. Returns when it has come to pass."""
        wanted = {str(body["device"]): str(body["ailment"])} if body else ailments.all_well()
        try:
            script = " ".join(ailments.script(device, ailment) for device, ailment in wanted.items())
        except KeyError as unknown:
            raise NoSuchTroubleError(str(unknown)) from None
        await self._by_hand("hands.script")({"script": script})
        self._ailments = {**self._ailments, **wanted}
        self._board.put("ailments", self._ailments)

    async def trouble(self, body: Body) -> None:
        """`{place, trouble}`, or nothing: everything works again."""
        wanted = (
            {str(body["place"]): str(body["trouble"])}
            if body
            else dict.fromkeys(troubles.PLACES, troubles.WORKS)
        )
        chosen = {**self._troubles, **wanted}
        try:
            plan = troubles.plan(chosen)
        except KeyError as unknown:
            raise NoSuchTroubleError(str(unknown)) from None
        await self._sandbox("/faults", plan)
        self._troubles = chosen
        self._board.put("troubles", chosen)

    async def decide(self, body: Body) -> None:
        """`{txn_id, end}`: e-port's support desk ends a payment that is pending there."""
        await self._sandbox(f"/payments/{int(body['txn_id'])}", {"end": body["end"]})

    async def cut_power(self, _: Body) -> None:
        """The emulated devices go with it, and come back well."""
        await self._stage.cut_power(self._stage.terminals[0])
        self._ailments = ailments.all_well()
        self._board.put("ailments", self._ailments)

    async def receipt(self, number: int) -> bytes:
        """PNG of a printed receipt, drawn from the bytes that came over the printer's line."""
        async for item in self._stage.terminals[0].call("hands.receipt", {"number": number}):
            return await asyncio.to_thread(_png, base64.b64decode(item["job"]))
        raise AssertionError("a command that answers once has answered")

    def _by_hand(self, command: str) -> Doing:
        async def do(body: Body) -> None:
            async for _ in self._stage.terminals[0].call(command, body):
                pass

        return do

    async def _sandbox(self, path: str, body: Mapping[str, Any]) -> None:
        async with (
            aiohttp.ClientSession(self._stage.sandbox.admin_url, raise_for_status=True) as session,
            session.put(path, json=body),
        ):
            pass


def _png(job: bytes) -> bytes:
    out = io.BytesIO()
    picture(job, _PROFILE).save(out, "PNG")
    return out.getvalue()
