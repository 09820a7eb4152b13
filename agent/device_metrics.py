"""The devices in Prometheus's text format: the state of each, its errors by their word, how often it came back."""

from collections.abc import Iterator, Sequence

from devices.connection_states import Connection
from devices.interfaces import DeviceState
from devices.supervisor import Supervised
from gateway.metrics import family


def of_devices(devices: Sequence[Supervised]) -> Iterator[str]:
    """Of each state and each connection there is one line: 1 where the device is, 0 elsewhere."""
    states = [
        ({"device": one.name, "state": state.value}, one.status.device is state)
        for one in devices
        for state in DeviceState
    ]
    yield from family("tolem_device_state", "gauge", "1: what the device last said of itself", states)
    connections = [
        ({"device": one.name, "connection": state.value}, one.state is state)
        for one in devices
        for state in Connection
    ]
    yield from family("tolem_device_connection", "gauge", "1: how the device is connected", connections)
    errors = [
        ({"device": one.name, "error": word}, times)
        for one in devices
        for word, times in sorted(one.errors.items())
    ]
    yield from family("tolem_device_errors_total", "counter", "Commands that failed by the device", errors)
    back = [({"device": one.name}, one.reconnects) for one in devices]
    yield from family("tolem_device_reconnects_total", "counter", "How often the device came back", back)
