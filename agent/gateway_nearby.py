"""Where this terminal's gateway is, and running it in this process where that is the terminal's own task.

One point at e-port belongs to one gateway store, so a gateway is begun here only if the settings name no
other one and nobody answers at this node's own socket.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from random import Random

from agent.settings import Settings, gateway_part
from certs.identity import Identity
from certs.tls import client_context
from gateway.bills.moves import Observer
from gateway.client import ClientTimers, GatewayClient
from gateway.service import Gateway


@asynccontextmanager
async def gateway_of_this_node(
    settings: Settings, *, now: Callable[[], datetime], random: Random, observe: Observer | None
) -> AsyncIterator[None]:
    """Run this node's own gateway during the block, unless it runs already or is elsewhere."""
    elsewhere = settings.agent.gateway_url is not None or settings.agent.socket is not None
    if elsewhere or not settings.role.has_gateway or await somebody_listens(settings.gateway_socket):
        yield
        return
    part = gateway_part(settings)
    async with Gateway.open(part, node=part.node, now=now, random=random, observe=observe):
        yield


def connect(
    settings: Settings, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
) -> GatewayClient:
    """The client for wherever the settings say that the gateway is. CertError."""
    agent, timers = settings.agent, settings.timers
    limits = ClientTimers(timers.gateway_connect_seconds, timers.gateway_answer_seconds)
    if agent.gateway_url is None:
        return GatewayClient.over_socket(
            settings.gateway_socket, terminal=settings.node.id, random_bytes=random_bytes, timers=limits
        )
    if agent.cert is None or agent.key is None or agent.ca is None:
        raise AssertionError("settings have refused a gateway_url without certificates")
    identity = Identity.load(agent.cert, agent.key, now=now)
    return GatewayClient.over_tls(
        agent.gateway_url, client_context(agent.ca, identity), random_bytes=random_bytes, timers=limits
    )


async def somebody_listens(socket: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    writer.close()
    return True
