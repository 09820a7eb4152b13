"""Who waits for which answer, whatever the order they come in; what came too late is known as late."""

from collections import OrderedDict
from enum import Enum
from typing import Final, Generic, TypeVar

from gateway.funds.messages import AnswerKey

Waiter = TypeVar("Waiter")

_REMEMBERED: Final = 4096  # answers given up that are still told from strangers


class NotWaitedFor(Enum):
    LATE = "late"  # it was waited for once
    UNMATCHED = "unmatched"  # nobody ever asked for it


class AlreadyAwaitedError(Exception):
    """An answer with this key is being waited for: two requests could not be told apart."""


class Pending(Generic[Waiter]):
    def __init__(self) -> None:
        self._waiters: dict[AnswerKey, Waiter] = {}
        self._given_up: OrderedDict[AnswerKey, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiters)

    def expect(self, key: AnswerKey, waiter: Waiter) -> None:
        if key in self._waiters:
            raise AlreadyAwaitedError(key.mti)
        self._waiters[key] = waiter

    def take(self, key: AnswerKey) -> Waiter | NotWaitedFor:
        """The waiter of an answer that arrived; from here on a second copy of it is late."""
        if key in self._waiters:
            waiter = self._waiters[key]
            self.give_up(key)
            return waiter
        return NotWaitedFor.LATE if key in self._given_up else NotWaitedFor.UNMATCHED

    def give_up(self, key: AnswerKey) -> None:
        """Nobody waits any more. Harmless if nobody did."""
        if self._waiters.pop(key, None) is None:
            return
        self._given_up[key] = None
        self._given_up.move_to_end(key)
        if len(self._given_up) > _REMEMBERED:
            self._given_up.popitem(last=False)

    def give_up_all(self) -> list[Waiter]:
        waiters = list(self._waiters.values())
        for key in list(self._waiters):
            self.give_up(key)
        return waiters
