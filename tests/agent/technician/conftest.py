"""The journeys' bank and terminal, for whoever looks after it."""

from tests.journeys.conftest import Bank, bank, pay, sandbox, terminal

__all__ = ["Bank", "bank", "pay", "sandbox", "terminal"]
