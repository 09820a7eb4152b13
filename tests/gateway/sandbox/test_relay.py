"""A network's troubles between two processes, here a client and an echo."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.relay import NetworkFault, NetworkFaults, Relay, Trouble

BREAKS = {NetworkFault.RESET, NetworkFault.CUT, NetworkFault.BLACK_HOLE}


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(4096):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def echo_port() -> AsyncIterator[int]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
def relayed(echo_port: int) -> Callable:
    """`async with relayed(faults) as (relay, connect)`: connections that go through the relay."""

    @asynccontextmanager
    async def relayed(faults: NetworkFaults) -> AsyncIterator:
        relay = Relay(("127.0.0.1", echo_port), faults)
        address = await relay.start(("127.0.0.1", 0))
        try:
            yield relay, lambda: asyncio.open_connection(*address)
        finally:
            await relay.close()

    return relayed


def _always(*names: NetworkFault, **changes: float) -> NetworkFaults:
    return NetworkFaults(
        rate=1.0,
        names=frozenset(names),
        within_bytes=1000,
        within_seconds=0.02,
        black_hole_seconds=0.05,
        **changes,
    )


async def _there_and_back(connect: Callable, data: bytes) -> bytes:
    reader, writer = await connect()
    try:
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(10):
            return await reader.read(-1)
    finally:
        writer.transport.abort()


async def test_without_trouble_every_byte_passes(relayed: Callable) -> None:
    data = bytes(range(256)) * 400
    async with relayed(NetworkFaults()) as (_, connect):
        assert await _there_and_back(connect, data) == data


@pytest.mark.parametrize("fault", [NetworkFault.DELAY, NetworkFault.DRIP])
async def test_slow_bytes_are_the_same_bytes(fault: NetworkFault, relayed: Callable) -> None:
    data = bytes(range(256)) * 8
    async with relayed(_always(fault)) as (_, connect):
        assert await _there_and_back(connect, data) == data


async def test_a_cut_ends_the_stream_in_the_middle(relayed: Callable) -> None:
    data = bytes(range(256)) * 20
    async with relayed(_always(NetworkFault.CUT)) as (relay, connect):
        expected = relay.faults.choose(0)
        assert expected is not None
        back = await _there_and_back(connect, data)
    assert data.startswith(back)
    assert len(back) <= expected.after_bytes


async def test_a_reset_is_seen_as_one(relayed: Callable) -> None:
    async with relayed(_always(NetworkFault.RESET)) as (_, connect):
        with pytest.raises(ConnectionResetError):
            await _there_and_back(connect, bytes(5000))


async def test_a_black_hole_swallows_and_ends_at_last(relayed: Callable) -> None:
    async with relayed(_always(NetworkFault.BLACK_HOLE)) as (_, connect):
        with pytest.raises(ConnectionResetError):
            await _there_and_back(connect, bytes(5000))


async def test_a_target_that_is_not_there_looks_like_one() -> None:
    relay = Relay(("127.0.0.1", 1))
    address = await relay.start(("127.0.0.1", 0))
    with pytest.raises(ConnectionResetError):
        await _there_and_back(lambda: asyncio.open_connection(*address), b"hello")
    await relay.close()


async def test_a_relay_stands_between_unix_sockets_too(tmp_path: Path) -> None:
    server = await asyncio.start_unix_server(_echo, tmp_path / "target")
    relay = Relay(tmp_path / "target")
    address = await relay.start(tmp_path / "front")
    assert await _there_and_back(lambda: asyncio.open_unix_connection(address), b"hello") == b"hello"
    await relay.close()
    server.close()


async def test_a_relay_that_stops_takes_its_connections_along(relayed: Callable) -> None:
    async with relayed(NetworkFaults()) as (relay, connect):
        reader, writer = await connect()
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        await relay.close()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        writer.transport.abort()


@given(st.integers(), st.floats(0, 1), st.frozensets(st.sampled_from(NetworkFault)), st.integers(0, 10_000))
def test_a_seed_replays(seed: int, rate: float, names: frozenset[NetworkFault], connection: int) -> None:
    faults = NetworkFaults(seed, rate, names)
    trouble = faults.choose(connection)
    assert trouble == NetworkFaults(seed, rate, names).choose(connection)
    assert trouble is None or isinstance(trouble, Trouble)
    assert trouble is None or trouble.fault in names


def test_the_rate_is_a_share_of_the_connections() -> None:
    chosen = [NetworkFaults(seed=3, rate=0.25).choose(number) for number in range(4000)]
    assert 900 < sum(trouble is not None for trouble in chosen) < 1100
    assert {trouble.fault for trouble in chosen if trouble} == set(NetworkFault)
