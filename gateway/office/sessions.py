"""Who is at the page: several people, each for as long as they do something, in memory alone.

Both tokens of a session are secrets of the browser: the cookie says who it is, the other one stands in every form.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from gateway.office.words import Language

MOST: Final = 64  # the one that was idle longest gives way
_TOKEN_BYTES: Final = 32


@dataclass
class Session:
    name: str
    token: str = field(repr=False)
    form_token: str = field(repr=False)
    language: Language
    touched_at: float
    place: str = "/"  # what was seen last
    told: str = ""  # a sentence for the next page

    def sent(self, form_token: str) -> bool:
        """Whether a form came from one of this session's pages."""
        return hmac.compare_digest(self.form_token.encode(), form_token.encode())


class Sessions:
    """`idle_seconds` of `clock` without a request end a session; `clock` is the loop's."""

    def __init__(
        self, random_bytes: Callable[[int], bytes], *, idle_seconds: float, clock: Callable[[], float]
    ) -> None:
        self._random_bytes = random_bytes
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def begin(self, name: str, language: Language) -> Session:
        token, form_token = (self._random_bytes(_TOKEN_BYTES).hex() for _ in range(2))
        while len(self._sessions) >= MOST:
            self._sessions.pop(min(self._sessions, key=lambda it: self._sessions[it].touched_at))
        self._sessions[token] = Session(name, token, form_token, language, self._clock())
        return self._sessions[token]

    def find(self, token: str) -> Session | None:
        """The token is 256 random bits, so that a look-up by it tells nobody anything."""
        session = self._sessions.get(token)
        if session is None:
            return None
        now = self._clock()
        if now - session.touched_at >= self._idle_seconds:
            del self._sessions[token]
            return None
        session.touched_at = now
        return session

    def end(self, session: Session) -> None:
        self._sessions.pop(session.token, None)
