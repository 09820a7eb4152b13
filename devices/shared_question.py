"""A question that two ask at the same time is asked once, and both get the answer."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SharedQuestion(Generic[T]):
    """The question goes on when whoever asked it is cancelled: somebody else may be waiting for the answer."""

    def __init__(self, question: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._question = question
        self._asking: asyncio.Task[T] | None = None

    async def ask(self) -> T:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._question())
        return await asyncio.shield(self._asking)
