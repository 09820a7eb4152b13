"""A call of our API as data: what it is asked, what it may answer (PROTOCOLS §1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel

Method = Literal["GET", "POST", "PUT"]
Models = tuple[type[BaseModel], ...]  # more than one: the answer is one of them
WAIT_LARGEST_SECONDS: Final = 60


@dataclass(frozen=True)
class Raw:
    """A body that is no JSON of ours, read as it is."""

    media_type: str
    largest_bytes: int


@dataclass(frozen=True)
class Call:
    """One line of PROTOCOLS §1. A POST has an Idempotency-Key; `waits` honours `Prefer: wait=N`.

    An answer is a tuple of models, or the media type of a body that is no JSON model of ours.
    """

    name: str
    method: Method
    path: str
    summary: str
    answers: Mapping[int, Models | str]
    request: type[BaseModel] | Raw | None = None
    problems: tuple[str, ...] = ()
    terminal: bool = True  # needs to know who calls
    waits: bool = False
    tagged: bool = False  # answers carry an ETag, If-None-Match is honoured

    @property
    def keyed(self) -> bool:
        return self.method == "POST"


EVERY_BODY: Final = ("malformed_request", "body_too_large", "unsupported_media_type")
EVERY_POST: Final = ("idempotency_key_missing", "idempotency_conflict", *EVERY_BODY)
