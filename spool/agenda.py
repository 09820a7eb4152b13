"""Whose turn it is: which lanes have something due, and how much each may have in flight. Pure.

Lanes take turns, so that a terminal with a long queue delays no other one; a lane at its limit stands
aside until something of it ends. What the agenda knows of due times is a hint: the store decides what a
claim gets, and tells the agenda what comes next.
"""

import heapq
from collections import Counter, deque
from typing import NamedTuple


class Quota(NamedTuple):
    """How many due entries of this lane to claim."""

    destination: str
    lane: str
    at_most: int


class Agenda:
    """Due times are milliseconds of the store's clock."""

    def __init__(self, *, per_lane: int, per_destination: int) -> None:
        self._per_lane = per_lane
        self._per_destination = per_destination
        self._queues: dict[str, _Queue] = {}

    @property
    def destinations(self) -> list[str]:
        return list(self._queues)

    @property
    def in_flight(self) -> int:
        return sum(queue.in_flight.total() for queue in self._queues.values())

    def hint(self, destination: str, lane: str, due_ms: int) -> None:
        """Something of this lane is due then, or earlier than was known."""
        self._queue(destination).hint(lane, due_ms)

    def has_due(self, destination: str, clock_ms: int) -> bool:
        """Is there a due lane that may have more in flight?"""
        queue = self._queue(destination)
        queue.ripen(clock_ms)
        return bool(queue.turn) and queue.in_flight.total() < self._per_destination

    def take(self, destination: str, clock_ms: int, limit: int) -> list[Quota]:
        """Quotas for the next claims, at most `limit` in all. Each must come back by `took` or `hint`."""
        queue = self._queue(destination)
        queue.ripen(clock_ms)
        limit = min(limit, self._per_destination - queue.in_flight.total())
        counts = queue.share(limit, self._per_lane)
        return [Quota(destination, lane, count) for lane, count in counts.items()]

    def took(self, quota: Quota, count: int, next_due_ms: int | None) -> None:
        """What a claim got by its quota, and when the lane's next entry is due."""
        queue = self._queue(quota.destination)
        queue.in_flight[quota.lane] += count
        if next_due_ms is not None:
            queue.hint(quota.lane, next_due_ms)

    def ended(self, destination: str, lane: str) -> None:
        """One of this lane is no longer in flight."""
        self._queue(destination).ended(lane)

    def next_due_ms(self, destination: str) -> int | None:
        """When a claim may next get something here; None: only after something else happened."""
        queue = self._queue(destination)
        if queue.in_flight.total() >= self._per_destination:
            return None
        return 0 if queue.turn else queue.next_ripe_ms()

    def has_work(self, clock_ms: int) -> bool:
        """Is anything in flight or due, a lane at its limit included?"""
        for queue in self._queues.values():
            queue.ripen(clock_ms)
        return any(queue.in_flight.total() or queue.turn or queue.aside for queue in self._queues.values())

    def _queue(self, destination: str) -> "_Queue":
        return self._queues.setdefault(destination, _Queue())


class _Queue:
    """The lanes of one destination."""

    def __init__(self) -> None:
        self.heads: dict[str, int] = {}  # lane → earliest due time known; absent: none known
        self.later: list[tuple[int, str]] = []  # a heap of heads not yet due, outdated ones among them
        self.turn: deque[str] = deque()  # due lanes, the next one first
        self.aside: set[str] = set()  # due lanes at their limit
        self.in_flight: Counter[str] = Counter()
        self._due: set[str] = set()  # those in turn or aside

    def hint(self, lane: str, due_ms: int) -> None:
        if lane not in self._due and due_ms < self.heads.get(lane, due_ms + 1):
            self.heads[lane] = due_ms
            heapq.heappush(self.later, (due_ms, lane))

    def ripen(self, clock_ms: int) -> None:
        while self.later and self.later[0][0] <= clock_ms:
            due_ms, lane = heapq.heappop(self.later)
            if lane not in self._due and self.heads.get(lane) == due_ms:
                self._due.add(lane)
                self.turn.append(lane)

    def next_ripe_ms(self) -> int | None:
        while self.later and self.heads.get(self.later[0][1]) != self.later[0][0]:
            heapq.heappop(self.later)
        return self.later[0][0] if self.later else None

    def share(self, limit: int, per_lane: int) -> Counter[str]:
        """One each in turn until the limit is reached. The lanes it names are no longer due."""
        counts: Counter[str] = Counter()
        served: deque[str] = deque()
        while limit > 0 and (self.turn or served):
            lane = self.turn.popleft() if self.turn else served.popleft()
            if self.in_flight[lane] + counts[lane] < per_lane:
                counts[lane] += 1
                limit -= 1
                served.append(lane)
            elif not counts[lane]:
                self.aside.add(lane)
        for lane in counts:
            self._due.discard(lane)
            self.heads.pop(lane, None)
        return counts

    def ended(self, lane: str) -> None:
        self.in_flight[lane] -= 1
        if not self.in_flight[lane]:
            del self.in_flight[lane]
        if lane in self.aside:
            self.aside.discard(lane)
            self.turn.append(lane)
