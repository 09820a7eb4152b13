"""Whether somebody serves a Unix socket of this machine."""

import asyncio
from pathlib import Path


async def somebody_listens(socket: Path) -> bool:
    """False also for a socket that a dead process left behind. PermissionError if it is another user's."""
    try:
        _, writer = await asyncio.open_unix_connection(socket)
    except PermissionError as error:
        raise PermissionError(
            error.errno, "belongs to another user; run this as the user of that process", str(socket)
        ) from None
    except OSError:
        return False
    writer.close()
    return True
