import pytest

from devices.errors import UnknownDriverError
from devices.port_names import ById, FilePort, Tcp, UsbSerialNumber, parse


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("/dev/ttyS0", FilePort("/dev/ttyS0")),
        ("usb:A10KZP45", UsbSerialNumber("A10KZP45")),
        ("by-id:usb-FTDI_FT232R_A10KZP45-if00-port0", ById("usb-FTDI_FT232R_A10KZP45-if00-port0")),
        ("tcp:10.0.0.7:9100", Tcp("10.0.0.7", 9100)),
        ("tcp:printer.branch:9100", Tcp("printer.branch", 9100)),
        ("tcp:[fd00::7]:9100", Tcp("fd00::7", 9100)),
    ],
)
def test_each_form_of_a_port_has_its_meaning(text, means):
    assert parse(text) == means


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ttyS0",
        "usb:",
        "by-id:../../etc/passwd",
        "by-id:",
        "tcp:host",
        "tcp:host:0",
        "tcp:host:65536",
        "tcp::9100",
    ],
)
def test_what_is_no_port_is_refused_with_the_forms_that_there_are(text):
    with pytest.raises(UnknownDriverError, match="usb:SERIAL"):
        parse(text)
