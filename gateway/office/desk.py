"""What the page needs of the gateway: the commands of its control socket, and what an act rests on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.act.facts import ActFacts
from gateway.act.month import Month
from gateway.providers.product import Catalogue
from spool.control import Command

Item = dict[str, Any]
_MOST_DAYS: Final = 10_000


@dataclass(frozen=True)
class Desk:
    """`today`: the business day that goes on. Every question raises ControlError, whose text is for a person."""

    point: str
    commands: Mapping[str, Command]
    facts: Callable[[Month], Awaitable[ActFacts]]
    catalogue: Callable[[], Catalogue]
    today: Callable[[], date]

    async def compared(self, month: Month) -> Sequence[Item]:
        items = await self._items("reconcile.days", {"limit": _MOST_DAYS})
        return [item for item in items if date.fromisoformat(item["day"]) in month]

    async def day(self, day: date) -> tuple[Item, Sequence[Item], Sequence[Item]]:
        """The day, its totals, its cases; a day that is open is compared anew."""
        whole, *rest = await self._items("reconcile.day", {"day": day.isoformat(), "by": "-"})
        return whole, [it for it in rest if "case" not in it], [it for it in rest if "case" in it]

    async def close_day(self, day: date, *, by: str) -> None:
        await self._items("reconcile.day", {"day": day.isoformat(), "close": True, "by": by})

    async def worklist(self) -> Sequence[Item]:
        return await self._items("reconcile.worklist", {})

    async def decide(self, case: int, decision: str, *, by: str, reason: str) -> Item:
        order = {"case": case, "decision": decision, "by": by, "reason": reason}
        return await self._one("reconcile.decide", order)

    async def payment(self, number: str) -> Item:
        return await self._one("payments.show", {"id": number})

    async def act(self, month: Month) -> Item:
        return await self._one("act.draft", {"month": str(month)})

    def provider_name(self, code: str, language: str) -> str:
        """As the catalogue in force calls it; one that it has not is called by its code."""
        titles = {one.code: one.title for one in self.catalogue().providers}
        return str(getattr(titles[code], language)) if code in titles else code or "–"

    async def _one(self, name: str, arguments: Item) -> Item:
        (item,) = await self._items(name, arguments)
        return item

    async def _items(self, name: str, arguments: Item) -> Sequence[Item]:
        answer = self.commands[name](arguments)
        return [item async for item in answer] if isinstance(answer, AsyncIterator) else [await answer]
