"""What goes wrong with a line to a device. Drivers turn these into a `Result`; a journey never sees them.

DeviceError
├── UnknownDriverError         the settings name a driver or a port that there is not
└── PortError
    ├── PortLostError          unplugged, closed, or it cannot be opened
    │   └── PortBusyError      another process owns it
    └── PortStalledError       it took no more bytes before the deadline
"""


class DeviceError(Exception):
    """Base of all errors of this room."""


class UnknownDriverError(DeviceError):
    """The settings name a driver or a port that there is not."""


class PortError(DeviceError):
    """The line to a device failed."""


class PortLostError(PortError):
    """The line is gone: unplugged, closed, absent or forbidden. Opening it again may help."""


class PortBusyError(PortLostError):
    """Another process owns the port."""


class PortStalledError(PortError):
    """The far end took no more bytes before the deadline; how many it took is unknown."""
