from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from gateway.bills.moves import Move
from gateway.bills.payment_states import State
from gateway.metrics import MoveCounter, of_alarms, of_catalogue, of_payments, of_readiness, of_spool
from gateway.providers.catalogue import load_catalogue
from spool import CircuitState
from spool.health import DestinationHealth, Health

DEMO = Path(str(files("gateway.providers") / "demo.toml"))
NOW = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)


def test_a_payment_is_counted_where_it_comes_and_not_where_it_stays() -> None:
    counter = MoveCounter()
    counter(Move("p", "ATM1", None, "PUT", State.HOLDING, NOW))
    counter(Move("p", "ATM1", State.HOLDING, "HOLD_APPROVED", State.PAYING, NOW))
    counter(Move("p", "ATM1", State.PAYING, "HOLD_APPROVED", State.PAYING, NOW))
    lines = list(of_payments(counter))
    assert 'tolem_payment_moves_total{state="HOLDING"} 1' in lines
    assert 'tolem_payment_moves_total{state="PAYING"} 1' in lines
    assert 'tolem_payment_moves_total{state="PAID"} 0' in lines


def test_readiness_and_its_reasons() -> None:
    assert "tolem_gateway_ready 1" in list(of_readiness([]))
    lines = list(of_readiness(["disk_full"]))
    assert lines[2] == "tolem_gateway_ready 0"
    assert lines[-1] == 'tolem_gateway_not_ready_reason{reason="disk_full"} 1'


def test_alarms_open_and_raised() -> None:
    lines = list(of_alarms([('na"me\n', 1, 5)]))
    assert r'tolem_alarms_open{alarm="na\"me\n"} 1' in lines
    assert r'tolem_alarms_raised_total{alarm="na\"me\n"} 5' in lines


def test_depth_age_and_last_answer_of_each_destination() -> None:
    eport = DestinationHealth(
        "eport", 3, 1, 0, NOW - timedelta(minutes=5), CircuitState.OPEN, NOW - timedelta(seconds=90)
    )
    clock = DestinationHealth("clock", 0, 0, 0, None, CircuitState.CLOSED, None)
    health = Health((eport, clock), False, None, 0.001, False, 1)
    lines = list(of_spool(health, NOW))
    assert 'tolem_spool_entries{destination="eport",state="ready"} 3' in lines
    assert 'tolem_spool_oldest_seconds{destination="eport"} 300' in lines
    assert 'tolem_spool_last_answer_seconds{destination="eport"} 90' in lines
    assert 'tolem_spool_breaker_closed{destination="eport"} 0' in lines
    assert 'tolem_spool_oldest_seconds{destination="clock"} 0' in lines


def test_the_catalogue_in_force_and_who_cannot_be_paid() -> None:
    first = load_catalogue(DEMO)
    lines = list(of_catalogue(first))
    assert f'tolem_catalogue_number{{version="{first.version}"}} 0' in lines
    assert not any(line.startswith("tolem_provider_switched_off{") for line in lines)
    lines = list(of_catalogue(first.model_copy(update={"number": 7, "switched_off": ("samal",)})))
    assert f'tolem_catalogue_number{{version="{first.version}"}} 7' in lines
    assert 'tolem_provider_switched_off{provider="samal"} 1' in lines
