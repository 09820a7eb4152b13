"""How long a terminal keeps what has ended (`gateway.retention`): journeys and sales with what their paper said, its journal,
its registries.
"""

from collections.abc import Sequence
from typing import Final

from gateway.retention import OUR_REGISTRIES, REGISTRY_LINES, Kept, Rule
from gateway.settings import RetentionSection

# The oldest come first by their ids; one that has not ended holds up those behind it, and there is none for long.
RECEIPTS: Final = Rule(
    "receipts",
    ("id",),
    """
SELECT id FROM (SELECT id, state, changed_ms FROM card_journey ORDER BY id LIMIT :slice)
WHERE changed_ms < :before_ms AND state IN ('CARD_TAKEN', 'CARD_LEFT', 'ABANDONED')
""",
    ("DELETE FROM card_journey WHERE id = :id",),
)
SLIPS: Final = Rule(
    "slips",
    ("sale_id",),
    """
SELECT sale_id FROM (SELECT sale_id, state, changed_ms FROM sale ORDER BY sale_id LIMIT :slice)
WHERE changed_ms < :before_ms AND state IN ('SLIP_DONE', 'CLOSED')
""",
    ("DELETE FROM sale WHERE sale_id = :sale_id",),
)
# What the gateway was not told yet stays.
JOURNAL: Final = Rule(
    "journal",
    ("number",),
    """
SELECT number FROM (SELECT number, at_ms FROM journal ORDER BY number LIMIT :slice)
WHERE at_ms < :before_ms AND number <= (SELECT up_to FROM journal_handed)
""",
    ("DELETE FROM journal WHERE number = :number",),
)


def kept_by_terminal(retention: RetentionSection) -> Sequence[Kept]:
    return (
        Kept(RECEIPTS, retention.receipts_days),
        Kept(SLIPS, retention.receipts_days),
        Kept(JOURNAL, retention.journal_days),
        Kept(OUR_REGISTRIES, retention.registries_days),
        Kept(REGISTRY_LINES, retention.registries_days),
    )
