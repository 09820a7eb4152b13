from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.setting_values import Section, host_and_port, is_loopback
from gateway.settings import (
    CardHostSection,
    CentralSection,
    EportSection,
    GatewaySection,
    LimitsSection,
    NodeSection,
    SettingsError,
    TimersSection,
    check_hold_life,
    check_served_registries,
)

EPORT = {
    "url": "https://eport.example/api/",
    "point": "10001",
    "client_cert": "point.pem",
    "client_key": "point.key",
    "ca": "ca.pem",
}
CARD_HOST = {"address": "127.0.0.1:8583", "acquirer": "123456", "merchant": "TOLEM0000000001"}


class File(Section):
    eport: EportSection


def paths_of(refused: ValidationError) -> list[str]:
    return [".".join(map(str, fault["loc"])) for fault in refused.errors()]


def test_an_unknown_key_is_an_error_that_names_its_path() -> None:
    with pytest.raises(ValidationError) as caught:
        File.model_validate({"eport": EPORT | {"pont": "1"}})
    assert paths_of(caught.value) == ["eport.pont"]


def test_every_fault_of_a_file_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        File.model_validate({"eport": {"url": "http://eport.example"}})
    names = ("ca", "url", "point", "client_cert", "client_key")
    assert paths_of(caught.value) == [f"eport.{name}" for name in names]


def test_paths_are_relative_to_the_settings_file(tmp_path: Path) -> None:
    section = EportSection.model_validate(EPORT, context={"folder": tmp_path})
    assert section.client_key == tmp_path / "point.key"
    assert section.url == "https://eport.example/api"


@pytest.mark.parametrize("url", ["http://eport.example", "eport.example", "https://", "https://a/?b=c"])
def test_e_port_is_spoken_to_over_https_only(url: str) -> None:
    with pytest.raises(ValidationError):
        EportSection.model_validate(EPORT | {"url": url})


def test_a_card_host_off_loopback_needs_tls() -> None:
    CardHostSection.model_validate(CARD_HOST)
    with pytest.raises(ValidationError, match="carries the PAN"):
        CardHostSection.model_validate(CARD_HOST | {"address": "10.1.1.1:8583"})
    CardHostSection.model_validate(CARD_HOST | {"address": "10.1.1.1:8583", "tls": True, "ca": "ca.pem"})


def test_tls_without_a_ca_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs ca"):
        CardHostSection.model_validate(CARD_HOST | {"tls": True})


def test_listening_needs_mutual_tls() -> None:
    with pytest.raises(ValidationError, match="set cert, key, terminal_ca too"):
        GatewaySection.model_validate({"listen": "0.0.0.0:8443"})


SERVED = {"registry_direction": "serve", "registry_listen": "0.0.0.0:9443", "registry_reader": "reader"}


@pytest.mark.parametrize("left_out", ["registry_listen", "registry_reader"])
def test_registries_are_served_somewhere_to_somebody(left_out: str) -> None:
    with pytest.raises(ValidationError, match=f"needs {left_out}"):
        EportSection.model_validate(EPORT | {k: v for k, v in SERVED.items() if k != left_out})


def test_who_is_sent_registries_reads_at_no_listener() -> None:
    with pytest.raises(ValidationError, match='are for registry_direction = "serve"'):
        EportSection.model_validate(EPORT | SERVED | {"registry_direction": "upload"})


def test_a_central_system_that_fetches_needs_no_address_of_its_own() -> None:
    central = CentralSection.model_validate({"ca": "ca.pem"} | SERVED)
    assert central.uploads_to is None
    with pytest.raises(ValidationError, match="set url, client_cert, client_key too"):
        CentralSection.model_validate({"ca": "ca.pem"})


def test_who_fetches_registries_must_see_a_certificate_of_ours() -> None:
    central = CentralSection.model_validate({"ca": "ca.pem"} | SERVED)
    with pytest.raises(SettingsError, match="set cert and key"):
        check_served_registries(GatewaySection(), None, central)
    check_served_registries(GatewaySection(cert=Path("c"), key=Path("k")), None, central)
    check_served_registries(GatewaySection(), EportSection.model_validate(EPORT), None)


def test_metrics_listen_on_loopback_only() -> None:
    GatewaySection.model_validate({"monitor": "127.0.0.1:9180"})
    with pytest.raises(ValidationError, match="loopback"):
        GatewaySection.model_validate({"monitor": "0.0.0.0:9180"})


def test_a_time_zone_is_one_of_the_database() -> None:
    node = {"id": "gateway-1", "data_dir": "/var/lib/tolem"}
    assert NodeSection.model_validate(node).time_zone == "Asia/Almaty"
    with pytest.raises(ValidationError, match="no time zone"):
        NodeSection.model_validate(node | {"time_zone": "Asia/Nowhere"})


def test_the_three_days_must_be_shorter_than_a_holds_life() -> None:
    week = CardHostSection.model_validate(CARD_HOST)
    check_hold_life(TimersSection(), week)
    with pytest.raises(SettingsError, match="payment_expiry_seconds"):
        check_hold_life(TimersSection(), CardHostSection.model_validate(CARD_HOST | {"hold_life_days": 3}))


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_timer_is_a_positive_number(seconds: float) -> None:
    with pytest.raises(ValidationError):
        TimersSection(payment_seconds=seconds)


def test_limits_have_no_zero() -> None:
    with pytest.raises(ValidationError):
        LimitsSection(payments_in_flight=0)


def test_addresses_are_host_and_port() -> None:
    assert host_and_port("[::1]:8583") == ("::1", 8583)
    assert [is_loopback(a) for a in ("127.0.0.1:1", "[::1]:1", "localhost:1", "10.0.0.1:1", "host:1")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    for bad in ("8583", ":8583", "host:", "host:99999", "host:²"):
        with pytest.raises(ValidationError):
            CardHostSection.model_validate(CARD_HOST | {"address": bad})
