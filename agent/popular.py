"""What is paid at this terminal: product codes of payments that are over, and nothing of who paid."""

from collections import Counter
from typing import Final

from agent.journeys import bill_store
from spool import Spool

REMEMBERED: Final = 500  # payments back; older habits no longer count


async def popular(spool: Spool, *, limit: int) -> tuple[str, ...]:
    """The products paid for most often, the most popular first; of equals the one paid last."""
    return tuple(product for product, _ in Counter(await _products(spool)).most_common(limit))


async def recent(spool: Spool, *, limit: int) -> tuple[str, ...]:
    """The products paid for last, each once, the newest first."""
    return tuple(dict.fromkeys(await _products(spool)))[:limit]


async def _products(spool: Spool) -> list[str]:
    return await spool.read(lambda tx: bill_store.ended_products(tx, REMEMBERED))
