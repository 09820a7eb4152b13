"""Commands whose modules are loaded when they run, not when they are listed.

A node's `tolem --help` lists them all, and most of them bring half of the product with them.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import Abort, Exit, TyperException
from typer.main import get_group

PACKAGE: Final = "agent.cli"

Table = Mapping[str, tuple[str, str]]
"""Name → `module:function` (or `module:app` of a group) below `agent.cli`, and its help in one line."""

_TYPERS_OWN: Final = (Exit, Abort, TyperException)


class Deferred(TyperCommand):
    """Stands for a command in its group's list, and gives way to it as soon as it is called."""

    def __init__(self, name: str, target: str, told: str) -> None:
        super().__init__(name, help=told)
        self._target = target

    def load(self) -> TyperCommand | TyperGroup:
        """The command itself. ImportError and AttributeError are a mistake in the table."""
        module, _, attribute = self._target.partition(":")
        found = getattr(import_module(f"{PACKAGE}.{module}"), attribute)
        shelf = typer.Typer(add_completion=False)
        if isinstance(found, typer.Typer):
            shelf.add_typer(found, name=self.name)
        else:
            shelf.command(self.name)(found)
        [command] = get_group(shelf).commands.values()
        if not isinstance(command, TyperCommand | TyperGroup):
            raise TypeError(f"{self._target} is no command")
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        return self.load().make_context(*args, **kwargs)


class DeferredGroup(TyperGroup):
    """A group of the commands in its `table`."""

    table: ClassVar[Table] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: Deferred(name, *entry) for name, entry in self.table.items()}

    def invoke(self, ctx: Any) -> Any:
        """What a command refuses before its coroutine runs, such as its settings, is told all the same."""
        try:
            return super().invoke(ctx)
        except _TYPERS_OWN:
            raise
        except Exception as error:  # noqa: BLE001 - `leave` raises again what it does not know
            from agent.cli.process import leave  # noqa: PLC0415 - for failures only

            leave(error)
