"""The latest word on each topic. Who looks gets all of them, then each newer one; what was overtaken is skipped."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any


class Board:
    def __init__(self) -> None:
        self._words: dict[str, Any] = {}
        self._changed = asyncio.Event()

    def put(self, topic: str, word: Any) -> None:
        """`word` is JSON, and is not changed afterwards. The same word again is no news."""
        if topic in self._words and self._words[topic] == word:
            return
        self._words[topic] = word
        self._changed.set()
        self._changed = asyncio.Event()

    async def watch(self) -> AsyncIterator[tuple[str, Any]]:
        """For ever."""
        seen: dict[str, Any] = {}
        while True:
            changed = self._changed
            for topic, word in list(self._words.items()):
                if topic not in seen or seen[topic] is not word:
                    seen[topic] = word
                    yield topic, word
            await changed.wait()
