"""The journeys' bank and terminal, for whoever looks after it: one for all tests of a module, in its one loop."""

import pytest_asyncio

from tests.journeys.conftest import bank_in, pay, sandbox_in

__all__ = ["bank", "pay", "terminal"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    async with sandbox_in(folder) as sandbox:
        yield bank_in(folder, sandbox)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(bank):
    async with bank.terminal() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def terminal(running):
    """In service at the beginning of every test, whatever was done to it before."""
    yield running
    await running.assembly.maintenance.leave()
