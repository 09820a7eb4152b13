"""Where this terminal's gateway is, and running it in this process where that is the terminal's own task.

One point at e-port belongs to one gateway store, so a gateway is begun here only if the settings name no
other one and nobody answers at this node's own socket.
"""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Self

from agent.settings import Settings, gateway_part
from agent.sockets import somebody_listens
from certs.pair import Pair
from certs.presented import Presented
from gateway.bills.moves import Observer
from gateway.client import ClientTimers, GatewayClient
from gateway.ground import Ground
from gateway.service import Gateway
from gateway.settings import SettingsError
from gateway.shutdown import Shutdown


@dataclass(frozen=True)
class Nearby:
    """The way to the gateway, all that can be refused about it refused already. Made by `of`."""

    settings: Settings
    own: Ground | None  # of the gateway that is this process's task, until the end of the block
    tls: Presented | None

    @classmethod
    @asynccontextmanager
    async def of(cls, settings: Settings, *, now: Callable[[], datetime]) -> AsyncIterator[Self]:
        """Raises SettingsError, CatalogueError, CertError or StoreError; no file was touched."""
        tls = _tls(settings)
        if tls is not None:
            tls.identity.refuse_expired(now())
        if not await _is_our_task(settings):
            yield cls(settings, None, tls)
            return
        part = gateway_part(settings)
        async with Ground.of(part, node=part.node, now=now) as own:
            yield cls(settings, own, tls)

    @asynccontextmanager
    async def gateway(
        self, *, now: Callable[[], datetime], random: Random, observe: Observer | None, shutdown: Shutdown
    ) -> AsyncIterator[None]:
        """Run this node's own gateway during the block, unless it runs already or is elsewhere."""
        if self.own is None:
            yield
            return
        part = gateway_part(self.settings)
        async with Gateway.open(
            part,
            node=part.node,
            now=now,
            random=random,
            observe=observe,
            ground=self.own,
            shutdown=shutdown,
        ):
            yield

    def client(self, *, random_bytes: Callable[[int], bytes]) -> GatewayClient:
        """The client for wherever the settings say that the gateway is."""
        agent, timers = self.settings.agent, self.settings.timers
        limits = ClientTimers(timers.gateway_connect_seconds, timers.gateway_answer_seconds)
        if self.tls is None or agent.gateway_url is None:
            return GatewayClient.over_socket(
                self.settings.gateway_socket,
                terminal=self.settings.node.id,
                random_bytes=random_bytes,
                timers=limits,
            )
        tls = self.tls
        return self.client_as(lambda: tls.context, random_bytes=random_bytes)

    def client_as(
        self, tls: Callable[[], ssl.SSLContext], *, random_bytes: Callable[[int], bytes]
    ) -> GatewayClient:
        """To the gateway elsewhere, with the certificate of this context."""
        agent, timers = self.settings.agent, self.settings.timers
        if agent.gateway_url is None:
            raise AssertionError("only a gateway elsewhere asks for a certificate")
        limits = ClientTimers(timers.gateway_connect_seconds, timers.gateway_answer_seconds)
        return GatewayClient.over_tls(agent.gateway_url, tls, random_bytes=random_bytes, timers=limits)


def connect(settings: Settings, *, random_bytes: Callable[[int], bytes]) -> GatewayClient:
    """A client alone, for who only asks. SettingsError, CertError."""
    return Nearby(settings, None, _tls(settings)).client(random_bytes=random_bytes)


async def _is_our_task(settings: Settings) -> bool:
    elsewhere = settings.agent.gateway_url is not None or settings.agent.socket is not None
    return settings.role.has_gateway and not elsewhere and not await somebody_listens(settings.gateway_socket)


def _tls(settings: Settings) -> Presented | None:
    """Towards a gateway elsewhere, which knows a terminal by its certificate's name and books under it."""
    agent = settings.agent
    if agent.gateway_url is None:
        return None
    if agent.cert is None or agent.key is None or agent.ca is None:
        raise AssertionError("settings have refused a gateway_url without certificates")
    pair = Pair(agent.cert, agent.key)
    if not pair.exists:
        raise SettingsError(
            f"agent.cert: {agent.cert} does not exist: this terminal is not enrolled; take a code from"
            f" `tolem terminals invite {settings.node.id}` at the gateway and run `tolem enrol` here"
        )
    presented = Presented(pair, agent.ca)
    identity = presented.identity
    if settings.role.has_terminal and identity.common_name != settings.node.id:
        raise SettingsError(
            f"agent.cert: {agent.cert} is the certificate of {identity.common_name or 'nobody'} (its subject's"
            f" CN), and the gateway would book the payments of {settings.node.id} (node.id) under that name;"
            " name this terminal's own certificate, or mend node.id"
        )
    return presented
