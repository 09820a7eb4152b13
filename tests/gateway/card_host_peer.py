"""A card host that a test scripts, and a line to it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import iso8583
from iso8583.specs import default_ascii

from gateway.funds.interface import Card, HoldIdentifiers
from gateway.funds.iso8583 import CardHost, CardHostTimers
from gateway.money import Amount

ALMATY = ZoneInfo("Asia/Almaty")
AT = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
PAN = "4111111111111111"
CARD = Card(track2=f"{PAN}D28122011234", pin_block=bytes.fromhex("1B9C1845EB993A7A"))
PATIENT = CardHostTimers(connect_seconds=1, hold_seconds=20, advice_seconds=20, echo_seconds=60)
QUICK = CardHostTimers(connect_seconds=1, hold_seconds=0.3, advice_seconds=0.3, echo_seconds=1)
ANSWERS = {"0100": "0110", "0220": "0230", "0420": "0430", "0421": "0430", "0800": "0810"}

Values = dict[str, str]


def identifiers(number: int = 1, total: int = 154500) -> HoldIdentifiers:
    return HoldIdentifiers(f"{number:06d}", f"6326{number:08d}", "ATM00017", Amount(total), AT)


def framed(values: Values) -> bytes:
    message, _ = iso8583.encode(dict(values), default_ascii)
    return len(message).to_bytes(2, "big") + bytes(message)


def approved(values: Values) -> Values:
    kept = {number: values[number] for number in ("4", "7", "11", "37", "41", "49", "70") if number in values}
    return {"t": ANSWERS[values["t"]], "39": "00", **kept}


class Host:
    """Answers 00 to everything, unless the test says otherwise for an MTI: bytes, or nothing for silence."""

    def __init__(self) -> None:
        self.got: list[Values] = []
        self.raw: list[bytes] = []
        self.connections = 0
        self.answers: dict[str, Callable[[Values], bytes]] = {}
        self.hang_up_after: set[str] = set()
        self.writer: asyncio.StreamWriter
        self._more = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writer = writer
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            message = await reader.readexactly(length)
            values, _ = iso8583.decode(message, default_ascii)
            async with self._more:
                self.got.append(values)
                self.raw.append(message)
                self._more.notify_all()
            if values["t"] in self.hang_up_after:
                break
            answer = self.answers.get(values["t"], lambda values: framed(approved(values)))
            writer.write(answer(values))
            await writer.drain()

    async def has_got(self, mti: str, times: int = 1) -> Values:
        """Wait until so many messages of an MTI arrived; the last of them."""
        async with self._more:
            await self._more.wait_for(lambda: Counter(one["t"] for one in self.got)[mti] >= times)
        return [one for one in self.got if one["t"] == mti][-1]

    def mtis(self) -> list[str]:
        return [values["t"] for values in self.got if values["t"] != "0800"]


def silent(_: Values) -> bytes:
    return b""


def saying(**changes: str) -> Callable[[Values], bytes]:
    fields = {number[1:]: value for number, value in changes.items()}
    return lambda values: framed(approved(values) | fields)


@contextlib.asynccontextmanager
async def line_to(port: int, *, timers: CardHostTimers = PATIENT, **of):
    card_host = CardHost(
        f"{of.pop('name', '127.0.0.1')}:{port}",
        acquirer="999001",
        merchant="TOLEM0000000001",
        time_zone=ALMATY,
        timers=timers,
        now=lambda: AT,
        random=Random(7),
        **of,
    )
    await card_host.start()
    try:
        yield card_host
    finally:
        await card_host.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a port's answer and a log have no event to wait for
            await asyncio.sleep(0.001)
