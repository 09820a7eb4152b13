"""Who is at the service page: one technician at a time, for as long as they do something.

Both tokens of a session are secrets of the browser: the cookie says who it is, the other one stands in every form.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from agent.texts import Language

_TOKEN_BYTES: Final = 32


@dataclass
class Session:
    token: str = field(repr=False)
    form_token: str = field(repr=False)
    language: Language
    told: str = ""  # a sentence for the next page

    def sent(self, form_token: str) -> bool:
        """Whether a form came from one of this session's pages."""
        return hmac.compare_digest(self.form_token.encode(), form_token.encode())


class Sessions:
    """`idle_seconds` of the loop's time without `find(…, touch=True)` end a session."""

    def __init__(self, random_bytes: Callable[[int], bytes], *, idle_seconds: float) -> None:
        self._random_bytes = random_bytes
        self._idle_seconds = idle_seconds
        self._session: Session | None = None
        self._touched_at = 0.0
        self._begun = asyncio.Event()

    def begin(self, language: Language) -> Session:
        """Whoever was in before is out."""
        token, form_token = (self._random_bytes(_TOKEN_BYTES).hex() for _ in range(2))
        self._session = Session(token, form_token, language)
        self._touched_at = _clock()
        self._begun.set()
        return self._session

    def find(self, token: str, *, touch: bool) -> Session | None:
        """`touch`: the person did something; a page that looks again by itself is nobody's doing."""
        session = self._session
        if session is None or not hmac.compare_digest(session.token.encode(), token.encode()):
            return None
        if self._left_seconds() <= 0:
            return None
        if touch:
            self._touched_at = _clock()
        return session

    def end(self) -> None:
        self._session = None
        self._begun.clear()

    async def run(self, idle: Callable[[], Awaitable[None]]) -> None:
        """For ever: end what nobody has touched for too long, and tell `idle` of it."""
        while True:
            await self._begun.wait()
            if (left := self._left_seconds()) > 0:
                await asyncio.sleep(left)
            else:
                self.end()
                await idle()

    def _left_seconds(self) -> float:
        return self._touched_at + self._idle_seconds - _clock()


def _clock() -> float:
    return asyncio.get_running_loop().time()
