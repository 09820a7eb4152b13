"""The card that a customer left in the reader: it must not serve the next one.

Not every card that is in was left: a customer may insert theirs before anything asks for it. So it is the
leaving that is remembered, from the journey's alarm until the reader has seen the card gone. The journal
remembers it over a restart. A card that is in at a start without that alarm is somebody's who came early: one
that an interrupted payment held goes back by its recovery, and is left only if nobody takes it then.
"""

import asyncio
from typing import Final

from agent.maintenance import Note
from devices.interfaces import CardReader
from spool import Transaction

LEFT: Final = "alarm.card_left"
REMOVED: Final = "card.removed"
_READER_AWAY_SECONDS: Final = 1.0

_LATEST = "SELECT name FROM journal WHERE name IN (?, ?) ORDER BY number DESC LIMIT 1"


class LeftCard:
    """`left`: whether one was left when the last life ended."""

    def __init__(self, reader: CardReader, note: Note, *, left: bool) -> None:
        self._reader = reader
        self._note = note
        self._left = asyncio.Event()
        self._gone = asyncio.Event()
        (self._left if left else self._gone).set()

    @property
    def stays(self) -> bool:
        return self._left.is_set()

    def leave(self) -> None:
        self._gone.clear()
        self._left.set()

    async def removal(self) -> None:
        """Return once no left card is in the reader."""
        await self._gone.wait()

    async def taken(self) -> None:
        """Return when one has been left, and then seen to go."""
        await self._left.wait()
        await self.removal()

    async def run(self) -> None:
        """For ever: wait for what was left to be taken out. What a lost reader holds is unknown until it is back."""
        while True:
            await self._left.wait()
            if (await self._reader.wait_for_removal()).succeeded:
                self._left.clear()
                await self._note(REMOVED, {})
                self._gone.set()
            else:
                await asyncio.sleep(_READER_AWAY_SECONDS)


def was_left(tx: Transaction) -> bool:
    """By the journal: whether the latest card that was left has not been seen to go."""
    return any(name == LEFT for (name,) in tx.execute(_LATEST, (LEFT, REMOVED)))
