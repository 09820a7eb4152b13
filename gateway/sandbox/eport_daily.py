"""`GET /daily/{yyyy-mm-dd}`: e-port's closed day as a registry of kind DAY (PROTOCOLS §2.5)."""

import asyncio
import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from aiohttp import hdrs, web

from certs.tls import peer_common_name
from gateway.sandbox.eport_days import DayRegistry, Days
from gateway.sandbox.eport_faults import Exchange, spoil
from gateway.sandbox.faults import FaultName, FaultPlan, Occasion
from gateway.sandbox.ledger import Ledger, Seen
from gateway.sandbox.registry_desk import repr_digest

_log = logging.getLogger(__name__)

OPERATION: Final = "daily"
_ANSWERED: Final = frozenset({FaultName.DELAY, FaultName.DUPLICATE})  # to ask twice changes nothing
_RETRY_SOONEST, _RETRY_LATEST = 1, 3600


@dataclass(frozen=True)
class DailyDesk:
    """`points`: which common names speak for a point; who speaks for several is told of the first."""

    days: Days
    ledger: Ledger
    plan: FaultPlan
    points: Mapping[str, frozenset[str]]
    stopping: asyncio.Event

    async def get(self, http: web.Request) -> web.StreamResponse:
        point = self._point_of(http)
        day = _day(http.match_info["day"])
        if point is None or day is None:
            return self._refuse(403 if point is None else 400, "point" if point is None else "day")
        identifier = day.isoformat()
        attempt = self.ledger.seen_before(OPERATION, identifier) + 1
        fault = self.plan.choose(Occasion("eport", OPERATION, identifier, attempt))
        with self.ledger.transaction():
            registry = self.days.registry(point, day)
            verdict = "open" if registry is None else registry.registry_id
            self._record(Seen(OPERATION, verdict, identifier, fault=None if fault is None else str(fault)))
        if fault is not None and fault.name not in _ANSWERED:
            exchange = Exchange(http, b"" if registry is None else registry.body, self.plan, self.stopping)
            return await spoil(fault, exchange)
        if fault is not None and fault.name is FaultName.DELAY:
            await asyncio.sleep(self.plan.delay_seconds)
        return self._not_yet(day) if registry is None else _file(registry)

    def _not_yet(self, day: date) -> web.Response:
        left = math.ceil(self.days.seconds_left(day))
        seconds = min(max(left, _RETRY_SOONEST), _RETRY_LATEST)
        return web.Response(status=404, headers={hdrs.RETRY_AFTER: str(seconds)}, text="the day is open")

    def _point_of(self, http: web.Request) -> str | None:
        name = peer_common_name(http.transport)
        return min((point for point, names in self.points.items() if name in names), default=None)

    def _refuse(self, status: int, place: str) -> web.Response:
        says = {
            "point": "the certificate's CN belongs to a point",
            "day": "a day is yyyy-mm-dd of the calendar",
        }[place]
        self._record(Seen(OPERATION, f"http {status}", rule=place, place=place, says=says))
        return web.Response(status=status, text=says)

    def _record(self, seen: Seen) -> None:
        self.ledger.record(seen)
        _log.log(logging.WARNING if seen.place else logging.INFO, "sandbox.eport.request", extra=asdict(seen))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _file(registry: DayRegistry) -> web.Response:
    headers = {
        hdrs.CONTENT_TYPE: "text/csv; charset=utf-8",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{registry.file_name}"',
        "Registry-Id": registry.registry_id,
        "Repr-Digest": f"sha-256={repr_digest(registry.body)}",
    }
    return web.Response(body=registry.body, headers=headers)
