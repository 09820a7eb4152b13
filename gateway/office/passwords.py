"""Operators' passwords: scrypt hashes in a file of our own user's, and for each name a lock-out that no restart forgets.

An attempt is counted before it is tried, so that pulling the plug wins nothing. Each wrong one after the third doubles the time
until the next. A name that nobody has costs the same time as a wrong password.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import scrypt
from pathlib import Path
from typing import Final

from certs.durable import LOCAL, OURS_ALONE, put

log = logging.getLogger(__name__)

NAME: Final = Path("office.passwords")  # in data_dir
SHORTEST: Final = 12  # NIST SP 800-63B asks for 8, and 15 where nothing else is asked for
LONGEST: Final = 200
FREE_TRIES: Final = 3
FIRST_LOCK_SECONDS: Final = 30.0
LONGEST_LOCK_SECONDS: Final = 3600.0
LONGEST_NAME: Final = 64

_COST: Final = 2**15  # RFC 7914: N, with r = 8 some 32 MiB and a tenth of a second
_BLOCK: Final = 8
_MOST_MEMORY: Final = 64 * 1024 * 1024
_SALT_BYTES: Final = 16


class UnfitPasswordError(ValueError):
    """A password that is too short, or the name itself; or a name that is none."""


class Tried(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True)
class Attempt:
    """What a try came to, and how long until the next one may be made."""

    tried: Tried
    locked_seconds: float = 0.0


@dataclass(frozen=True)
class _Kept:
    salt: str
    digest: str
    wrong: int = 0
    wrong_at: str = ""

    def locked_seconds(self, now: datetime) -> float:
        delay = lock_seconds(self.wrong)
        if not delay:
            return 0.0
        gone = (now - datetime.fromisoformat(self.wrong_at)).total_seconds()
        return delay if gone < 0 else max(0.0, delay - gone)


_NOBODY: Final = _Kept("00" * _SALT_BYTES, "00" * 32)


def lock_seconds(wrong: int) -> float:
    """How long nothing is tried after so many wrong ones.

    >>> [lock_seconds(wrong) for wrong in (2, 3, 4, 40)]
    [0.0, 30.0, 60.0, 3600.0]
    """
    if wrong < FREE_TRIES:
        return 0.0
    return min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * (1 << min(wrong - FREE_TRIES, 10)))


def check_fit(name: str, password: str) -> None:
    """Raises UnfitPasswordError, which does not quote it."""
    if not 1 <= len(name) <= LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise UnfitPasswordError(f"a name has 1 to {LONGEST_NAME} letters, and no space around them")
    if not SHORTEST <= len(password) <= LONGEST:
        raise UnfitPasswordError(f"a password has at least {SHORTEST} characters")
    if name.casefold() in password.casefold() or len(set(password)) < SHORTEST // 3:
        raise UnfitPasswordError(
            "the name, or a few characters again and again, is what everybody tries first"
        )


class Passwords:
    """`path` is made 0600, and replaced as a whole."""

    def __init__(
        self, path: Path, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
    ) -> None:
        self._path = path
        self._now = now
        self._random_bytes = random_bytes
        self._one_at_a_time = asyncio.Lock()

    def set(self, name: str, password: str) -> None:
        """Raises UnfitPasswordError or OSError. Wrong tries are forgotten: who may write here owns the gateway."""
        check_fit(name, password)
        salt = self._random_bytes(_SALT_BYTES)
        self._write({**self._load(), name: _Kept(salt.hex(), _digest(password, salt).hex())})

    def remove(self, name: str) -> bool:
        """False: nobody has this name."""
        kept = dict(self._load())
        gone = kept.pop(name, None)
        if gone is not None:
            self._write(kept)
        return gone is not None

    def names(self) -> list[str]:
        return sorted(self._load())

    def knows(self, name: str) -> bool:
        return name in self._load()

    async def attempt(self, name: str, password: str) -> Attempt:
        """One after the other: ten at once are no ten free tries. Raises OSError if it cannot be counted."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._attempt, name, password[:LONGEST])

    def _attempt(self, name: str, password: str) -> Attempt:
        everybody = self._load()
        kept = everybody.get(name)
        if kept is None:
            _digest(password, bytes.fromhex(_NOBODY.salt))
            return Attempt(Tried.WRONG)
        if locked := kept.locked_seconds(self._now()):
            return Attempt(Tried.LOCKED, locked)
        counted = replace(kept, wrong=kept.wrong + 1, wrong_at=self._now().isoformat())
        self._write({**everybody, name: counted})
        if hmac.compare_digest(_digest(password, bytes.fromhex(kept.salt)), bytes.fromhex(kept.digest)):
            self._write({**everybody, name: replace(kept, wrong=0, wrong_at="")})
            return Attempt(Tried.RIGHT)
        return Attempt(Tried.WRONG, counted.locked_seconds(self._now()))

    def _load(self) -> Mapping[str, _Kept]:
        """A file that cannot be read lets nobody in. Raises OSError for one that cannot be opened."""
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            return {name: _Kept(**row) for name, row in kept.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError):
            log.error("office.passwords_broken", extra={"path": self._path})  # noqa: TRY400 - its trace quotes the file
            return {}

    def _write(self, everybody: Mapping[str, _Kept]) -> None:
        content = json.dumps({name: asdict(kept) for name, kept in everybody.items()}, ensure_ascii=False)
        put(self._path, content.encode(), mode=OURS_ALONE, files=LOCAL)


def _digest(password: str, salt: bytes) -> bytes:
    return scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=1, maxmem=_MOST_MEMORY, dklen=32)
