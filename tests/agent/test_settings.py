import pytest

from agent.settings import gateway_part, load
from agent.settings_sections import Role, Timers
from devices.drivers import DeviceTimers
from gateway.settings import SettingsError

NODE = '[node]\nid = "ATM00017"\ndata_dir = "data"\n'
DEVICES = """
[devices.reader]
class = "card_reader"
driver = "emv"
port = "emulator"
[devices.pad]
class = "pin_pad"
driver = "visa"
port = "emulator"
[devices.printer]
class = "receipt_printer"
driver = "escpos"
port = "emulator"
"""
GATEWAY = """
[eport]
url = "https://localhost:9443"
point = "10001"
client_cert = "gateway.pem"
client_key = "gateway.key"
ca = "ca.pem"
[card_host]
address = "127.0.0.1:9583"
acquirer = "400001"
merchant = "TOLEM0000000001"
[catalogue]
file = "catalogue.toml"
"""


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "node.toml"
        path.write_text(text, "utf-8")
        return path

    return _write


def refusal(path) -> str:
    with pytest.raises(SettingsError) as refused:
        load(path)
    return str(refused.value)


def test_a_node_with_devices_and_eport_is_both(write):
    settings = load(write(NODE + DEVICES + GATEWAY))
    assert settings.role is Role.BOTH
    assert settings.node.time_zone == "Asia/Almaty"
    assert settings.timers.journey().told_seconds == 25


def test_a_node_without_devices_is_a_gateway_and_may_have_a_longer_name(write):
    settings = load(write(NODE.replace("ATM00017", "branch-gateway-1") + GATEWAY))
    assert settings.role is Role.GATEWAY
    assert gateway_part(settings).eport.point == "10001"


def test_relative_paths_are_relative_to_the_file(write, tmp_path):
    settings = load(write(NODE + DEVICES + GATEWAY))
    assert settings.node.data_dir == tmp_path / "data"
    assert settings.gateway_socket == tmp_path / "data" / "gateway.sock"
    assert settings.eport is not None
    assert settings.eport.ca == tmp_path / "ca.pem"


def test_a_terminal_reaches_its_gateway_by_url_and_certificates(write):
    far = '[agent]\ngateway_url = "https://gateway:8443"\ncert = "t.pem"\nkey = "t.key"\nca = "ca.pem"\n'
    assert load(write(NODE + far + DEVICES)).role is Role.TERMINAL


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NODE + GATEWAY.replace("point", "pont"), "eport.pont: no such key; did you mean point?"),
        (NODE + GATEWAY + "[timmers]\nx = 1\n", "timmers: no such key; did you mean timers?"),
        (NODE + DEVICES.replace('"visa"\nport', '"visa"\nprot') + GATEWAY, "devices.pad.prot: no such key"),
        (NODE + GATEWAY.replace('point = "10001"\n', ""), "eport.point: missing; add it"),
        ('[node]\nid = "ATM00017"\n', "node.data_dir: missing; add it"),
        (NODE + 'role = "terminal"\n' + DEVICES, "agent: where is the gateway? set gateway_url, or socket"),
        (NODE + 'role = "gateway"\n', "eport: missing, and role 'gateway' runs a gateway"),
        (NODE.replace("ATM00017", "terminal-17") + DEVICES + GATEWAY, "node.id: a terminal's id is"),
        (NODE + DEVICES.replace("pin_pad", "card_reader") + GATEWAY, "devices: 2 of class 'card_reader'"),
        (NODE + DEVICES.replace("pin_pad", "pinpad") + GATEWAY, "devices.pad.class: Input should be"),
        (
            NODE + "[agent]\ngateway_url = 'https://g'\n" + DEVICES,
            "agent: gateway_url is mutual TLS: set cert, key",
        ),
        (NODE + GATEWAY + "[timers]\npayment_expiry_seconds = 700000\n", "timers.payment_expiry_seconds"),
        (
            NODE + GATEWAY + '[timers]\nhold_seconds = "30"\n',
            "timers.hold_seconds: Input should be a valid num",
        ),
        (
            NODE + GATEWAY + "[timers]\ncard_seconds = true\n",
            "timers.card_seconds: Input should be a valid num",
        ),
        (NODE + GATEWAY + '[limits]\nbody_bytes = "9"\n', "limits.body_bytes: Input should be a valid int"),
        (NODE + GATEWAY + "[limits]\nbody_bytes = 9.0\n", "limits.body_bytes: Input should be a valid int"),
        (
            NODE + GATEWAY.replace('point = "10001"', "point = 10001"),
            "eport.point: Input should be a valid s",
        ),
        (
            NODE + GATEWAY.replace("[catalogue]", 'hold_life_days = "7"\n[catalogue]'),
            "card_host.hold_life_days: Input should be a valid number",
        ),
        (
            NODE + GATEWAY.replace("[catalogue]", 'tls = "no"\n[catalogue]'),
            "card_host.tls: Input should be a valid boolean",
        ),
        (
            NODE + DEVICES.replace('"visa"', '"nosuch"') + GATEWAY,
            "devices.pad: no driver 'nosuch' of this class",
        ),
        (
            NODE + DEVICES.replace('"emv"\nport = "emulator"', '"emv"\nport = "/dev/x"') + GATEWAY,
            "devices.reader: driver emv has port 'emulator' or 'emulator_by_hand' only",
        ),
        ("[node\n", "is not TOML"),
    ],
)
def test_a_wrong_key_is_named_with_its_path_and_a_way_out(write, text, told):
    path = write(text)
    assert told in refusal(path)
    assert str(path) in refusal(path)


def test_a_whole_number_may_stand_for_a_fraction(write):
    settings = load(write(NODE + GATEWAY + "[timers]\nhold_seconds = 30\ncheck_seconds = 0.5\n"))
    assert (settings.timers.hold_seconds, settings.timers.check_seconds) == (30.0, 0.5)


def test_every_fault_is_told_at_once(write):
    assert len(refusal(write(NODE + GATEWAY.replace("point", "pont") + "[timmers]\n")).splitlines()) == 3


def test_a_missing_file_is_named(tmp_path):
    assert "give the path with --config" in refusal(tmp_path / "nowhere.toml")


def test_the_devices_timers_are_by_default_those_of_their_drivers():
    assert Timers().devices() == DeviceTimers()


@pytest.mark.parametrize(
    ("key", "of"),
    [
        ("pad_ack_seconds", lambda timers: timers.pad.ack_seconds),
        ("pad_write_seconds", lambda timers: timers.pad.write_seconds),
        ("pad_answer_seconds", lambda timers: timers.pad.answer_seconds),
        ("pad_diagnostic_seconds", lambda timers: timers.pad.diagnostic_seconds),
        ("pad_eot_seconds", lambda timers: timers.pad.perhaps_eot_seconds),
        ("apdu_seconds", lambda timers: timers.apdu_seconds),
        ("printer_answer_seconds", lambda timers: timers.printer.status_seconds),
    ],
)
def test_each_timer_of_a_device_has_its_key(write, key, of):
    settings = load(write(f"{NODE}{DEVICES}{GATEWAY}[timers]\n{key} = 7.5\n"))
    assert of(settings.timers.devices()) == 7.5


def test_a_serial_line_has_a_speed_of_its_own(write):
    settings = load(
        write(NODE + DEVICES.replace('driver = "visa"', 'driver = "visa"\nbaud = 19200') + GATEWAY)
    )
    assert (settings.devices["pad"].baud, settings.devices["printer"].baud) == (19200, 9600)


@pytest.mark.parametrize(
    ("of", "wrong", "told"),
    [
        ('driver = "visa"', "baud = 9601", "there are 1200, 2400"),
        ('driver = "visa"', 'baud = "9600"', "pad.baud"),
        ('driver = "emv"', "baud = 9600", "only a serial line has a speed"),
    ],
)
def test_a_speed_that_no_line_has_is_refused(write, of, wrong, told):
    assert told in refusal(write(NODE + DEVICES.replace(of, f"{of}\n{wrong}") + GATEWAY))
