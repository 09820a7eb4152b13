from datetime import UTC, datetime
from importlib.resources import files
from random import Random

import pytest

from spool import Migrations, Spool

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)


@pytest.fixture
async def spool(tmp_path):
    """The terminal's store, with its own tables."""
    rooms = [Migrations("agent", files("agent") / "schema")]
    opened = await Spool.open(
        tmp_path / "agent.db", rooms=rooms, now=lambda: NOW, random=Random(1), threaded=False
    )
    async with opened:
        yield opened
