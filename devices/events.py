"""What happened to a device, for whoever keeps a journal of it or counts (XFS4IoT `Common` events)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from devices.actions import Action
from devices.interfaces import Completion, DeviceState


@dataclass(frozen=True)
class StatusChanged:
    """XFS4IoT `Common.StatusChangedEvent`. `before` and `after` may be the same where `measured` changed."""

    device: str  # its name in the settings
    device_class: str
    at: datetime
    before: DeviceState
    after: DeviceState
    measured: Mapping[str, str]
    detail: str


@dataclass(frozen=True)
class ErrorHappened:
    """XFS4IoT `Common.ErrorEvent`: a command came to nothing by the device's fault."""

    device: str
    device_class: str
    at: datetime
    completion: Completion
    error: str  # the device class's own word
    action: Action
    detail: str


DeviceEvent = StatusChanged | ErrorHappened
Sink = Callable[[DeviceEvent], None]
"""Is told on the loop, at once."""
