"""Reads what a command of a control socket was given. Pure."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from spool import ControlError

T = TypeVar("T", bound=BaseModel)


class Arguments(BaseModel):
    """What one command takes; anything else is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read(model: type[T], arguments: Mapping[str, Any]) -> T:
    """ControlError `bad_argument` names what is wrong, and quotes no value."""
    try:
        return model.model_validate(arguments)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        told = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise ControlError("bad_argument", told) from None
