"""A registry's bytes out of the store, page by page: counted once, and streamed as often as they are sent."""

import hashlib
from collections.abc import AsyncIterator, Sequence

from gateway.registry.book import Registry, Seal
from gateway.registry.changes import Change, Place, page
from gateway.registry.layout import Totals, header_line, trailer_line
from gateway.times import to_ms
from spool import Store


class NotSealedError(LookupError):
    """What this registry holds was not counted yet."""


async def count(spool: Store, registry: Registry) -> Seal:
    """Read a closed window and say what it holds. Nobody waits for it, and memory holds one page."""
    head = header_line(registry.header)
    digest, length, totals = hashlib.sha256(head), len(head), Totals()
    async for changes in _pages(spool, registry):
        for change in changes:
            digest.update(change.line)
            length += len(change.line)
            totals = totals.plus(sum_minor=change.sum_minor, fee_minor=change.fee_minor)
    lines_sha256 = digest.hexdigest()
    trailer = trailer_line(totals, lines_sha256)
    digest.update(trailer)
    return Seal(totals, length + len(trailer), lines_sha256, digest.hexdigest())


async def body(spool: Store, registry: Registry) -> AsyncIterator[bytes]:
    """The whole of a sealed registry, in pieces."""
    if registry.seal is None:
        raise NotSealedError(registry.header.registry_id)
    yield header_line(registry.header)
    async for changes in _pages(spool, registry):
        yield b"".join(change.line for change in changes)
    yield trailer_line(registry.seal.totals, registry.seal.lines_sha256)


async def _pages(spool: Store, registry: Registry) -> AsyncIterator[Sequence[Change]]:
    """Each page is a snapshot of its own: what a closed window holds never changes."""
    after, closes_ms = Place(to_ms(registry.header.opens_at)), to_ms(registry.header.closes_at)
    while changes := await spool.read(lambda tx: page(tx, after, to_ms=closes_ms)):  # noqa: B023 - awaited in this round
        yield changes
        after = changes[-1].place
