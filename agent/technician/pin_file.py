"""The service PIN: its scrypt hash in a file of our own user's, and a lock-out that no restart forgets.

An attempt is counted before it is tried, so that pulling the plug wins nothing. Each wrong one after the third
doubles the time until the next; a clock that was set back begins the present time anew.
"""

import asyncio
import hmac
import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import scrypt
from itertools import pairwise
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

NAME: Final = Path("service.pin")  # in data_dir
SHORTEST: Final = 6
LONGEST: Final = 12
FREE_TRIES: Final = 3
FIRST_LOCK_SECONDS: Final = 30.0
LONGEST_LOCK_SECONDS: Final = 3600.0

_COST: Final = 2**15  # RFC 7914: N, with r = 8 some 32 MiB and a tenth of a second
_BLOCK: Final = 8
_MOST_MEMORY: Final = 64 * 1024 * 1024
_SALT_BYTES: Final = 16
_OURS_ALONE: Final = 0o600


class UnfitPinError(ValueError):
    """A PIN that is no PIN, or that everybody tries first."""


class Tried(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    NO_PIN = "no_pin"


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


def lock_seconds(wrong: int) -> float:
    """How long nothing is tried after so many wrong ones.

    >>> [lock_seconds(wrong) for wrong in (2, 3, 4, 5, 40)]
    [0.0, 30.0, 60.0, 120.0, 3600.0]
    """
    if wrong < FREE_TRIES:
        return 0.0
    doubled = 1 << min(wrong - FREE_TRIES, 10)
    return min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * doubled)


def check_fit(pin: str) -> None:
    """Raises UnfitPinError, which does not quote it."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise UnfitPinError(f"a service PIN has {SHORTEST} to {LONGEST} digits")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        raise UnfitPinError("one digit again and again, or digits in a row, is what everybody tries first")


class PinFile:
    """`path` is made 0600, and replaced as a whole."""

    def __init__(
        self, path: Path, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
    ) -> None:
        self._path = path
        self._now = now
        self._random_bytes = random_bytes
        self._one_at_a_time = asyncio.Lock()
        self._unwritten: _Kept | None = None  # what a full disk did not take, for as long as we live

    def set(self, pin: str) -> None:
        """Raises UnfitPinError or OSError. Wrong tries are forgotten: who may write here owns the terminal."""
        check_fit(pin)
        salt = self._random_bytes(_SALT_BYTES)
        self._unwritten = None
        self._write(_Kept(salt.hex(), _digest(pin, salt).hex()))

    async def attempt(self, pin: str) -> Attempt:
        """One after the other: ten at once are no ten free tries."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._attempt, pin)

    def _attempt(self, pin: str) -> Attempt:
        kept = self._load()
        if kept is None:
            return Attempt(Tried.NO_PIN)
        if locked := kept.locked_seconds(self._now()):
            return Attempt(Tried.LOCKED, locked)
        counted = replace(kept, wrong=kept.wrong + 1, wrong_at=self._now().isoformat())
        self._keep(counted)
        if hmac.compare_digest(_digest(pin, bytes.fromhex(kept.salt)), bytes.fromhex(kept.digest)):
            self._keep(replace(kept, wrong=0, wrong_at=""))
            return Attempt(Tried.RIGHT)
        return Attempt(Tried.WRONG, counted.locked_seconds(self._now()))

    def _load(self) -> _Kept | None:
        """A file that cannot be read lets nobody in. Raises OSError for one that cannot be opened."""
        try:
            kept = _Kept(**json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            log.error("service.pin_file_broken", extra={"path": self._path})  # noqa: TRY400 - its trace quotes the file
            return None
        unwritten = self._unwritten
        return unwritten if unwritten is not None and unwritten.digest == kept.digest else kept

    def _keep(self, kept: _Kept) -> None:
        try:
            self._write(kept)
        except OSError as error:
            self._unwritten = kept
            log.warning("service.pin_file_not_written", extra={"why": error.strerror})
        else:
            self._unwritten = None

    def _write(self, kept: _Kept) -> None:
        """Whole or not at all, and durable before anybody goes on."""
        partial = self._path.with_name(f"{self._path.name}.new")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OURS_ALONE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(kept), file)
            file.flush()
            os.fsync(descriptor)
        partial.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _digest(pin: str, salt: bytes) -> bytes:
    return scrypt(pin.encode(), salt=salt, n=_COST, r=_BLOCK, p=1, maxmem=_MOST_MEMORY, dklen=32)
