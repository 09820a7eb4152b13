"""How a scripted bank talks to the platform: its own signature, the same bytes again, and what it was told to do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import aiohttp
from lxml import etree

from gateway.sandbox.platform import templates
from gateway.sandbox.platform.desk import HEADER, PATH, XML
from gateway.sandbox.platform.settings import Timers
from gateway.sandbox.platform.signatures import Signer
from gateway.sandbox.platform.templates import Agents

_COME_AGAIN: Final = frozenset({408, 429})


@dataclass(frozen=True)
class BankSettings:
    """One participant. `payer_asks` are seconds from AccptncDtTm, `payee_asks` the gaps after its PDNG."""

    bank_id: str
    bic: str
    iban: str = "KZ86125KZT5004100100"
    name: str = "Песочный магазин"
    timers: Timers = field(default_factory=Timers)
    payer_asks: tuple[float, ...] = (30, 45, 75, 135)
    payee_asks: tuple[float, ...] = (30, 5, 5)


@dataclass
class Script:
    """What a bank does instead of what it should. May be changed at any time.

    `answers` are HTTP answers, by step of the message that came (3, 5, 11, 14, 16, 17, rjct) and used up
    one by one; None answers nothing at all. `answers_late` have taken effect all the same.
    """

    answers: dict[str, list[int | None]] = field(default_factory=dict)
    answers_late: dict[str, list[int | None]] = field(default_factory=dict)
    details: str | None = None  # a reason: admi.010 is an ERROR
    verdict: str | None = None  # step 12, a reason: RJCT instead of PDNG
    mute: set[str] = field(default_factory=set)  # kinds that it never sends
    invalid: set[str] = field(default_factory=set)  # kinds that it sends without their MsgId
    forged: set[str] = field(default_factory=set)  # kinds that it changes after they are signed


@dataclass(frozen=True)
class PlatformPlace:
    """Where the platform is and who it is."""

    url: str
    bic: str
    pin: str


class BankLine:
    """Sends one bank's messages. `session` trusts the platform's CA."""

    def __init__(  # noqa: PLR0913 - a bank is its settings, its key, its line and its script
        self,
        settings: BankSettings,
        place: PlatformPlace,
        signer: Signer,
        *,
        session: aiohttp.ClientSession,
        script: Script,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self.settings = settings
        self.script = script
        self.now = now
        self.agents = Agents(settings.bic, place.bic)
        self._place = place
        self._signer = signer
        self._session = session
        self._random_bytes = random_bytes

    def new_id(self) -> str:
        return templates.identifier(self.settings.bank_id, self.now(), self._random_bytes)

    async def send(self, kind: str, end_to_end_id: str, document: etree._Element) -> tuple[int | None, int]:
        """The last HTTP answer (None: none at all) and the number of attempts."""
        body = self._signed(kind, document)
        attempts, http = 0, None
        for gap in (*self.settings.timers.resend_seconds, None):
            attempts += 1
            http = await self._post(kind, end_to_end_id, body)
            if http is not None and http not in _COME_AGAIN and http < 500:
                break
            if gap is not None:
                await asyncio.sleep(gap)
        return http, attempts

    def _signed(self, kind: str, document: etree._Element) -> bytes:
        if kind in self.script.invalid:
            for msg_id in list(document.iter("{*}MsgId"))[:1]:
                parent = msg_id.getparent()
                assert parent is not None
                parent.remove(msg_id)
        body = self._signer.sign(document)
        return body.replace(b"MsgId>", b"MsgId> ", 1) if kind in self.script.forged else body

    async def _post(self, kind: str, end_to_end_id: str, body: bytes) -> int | None:
        if kind in self.script.mute:
            return None
        url = f"{self._place.url}{PATH}/{kind}"
        headers = {HEADER: end_to_end_id, "Content-Type": XML}
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None
