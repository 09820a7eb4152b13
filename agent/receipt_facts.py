"""What a receipt says of the terminal itself; the rest of it comes from the journey's record."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class TerminalFacts:
    """As the bank wrote them into `[node]` and `[agent]`. An empty text is left out of the receipt."""

    terminal_id: str
    owner: str
    address: str
    phone: str
    time_zone: ZoneInfo
