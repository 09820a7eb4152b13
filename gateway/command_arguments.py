"""Arguments of the control socket's commands. Each raises ControlError `bad_argument`, which a person reads."""

from datetime import datetime
from typing import Any, Final

from spool import ControlError

Arguments = dict[str, Any]
BAD_ARGUMENT: Final = "bad_argument"


def text_of(arguments: Arguments, name: str) -> str:
    text = arguments.get(name)
    if not isinstance(text, str) or not text.strip():
        raise ControlError(BAD_ARGUMENT, f"{name} is missing")
    return text.strip()


def number_of(arguments: Arguments, name: str, *, default: int | None = None) -> int:
    number = arguments.get(name, default)
    if type(number) is not int or number < 1:
        raise ControlError(BAD_ARGUMENT, f"{name} is a number above 0")
    return number


def instant_of(arguments: Arguments, name: str) -> datetime:
    """Aware."""
    try:
        instant = datetime.fromisoformat(text_of(arguments, name))
    except ValueError as error:
        raise ControlError(BAD_ARGUMENT, f"{name}: {error}") from None
    if instant.tzinfo is None:
        raise ControlError(BAD_ARGUMENT, f"{name}: a time has an offset")
    return instant
