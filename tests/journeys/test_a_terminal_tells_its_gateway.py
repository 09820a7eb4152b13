"""What a terminal told its customers reaches its gateway every half hour, and is compared there."""

from agent.journeys.bill import Ending
from agent.terminal_commands import terminal_commands
from spool import control_call
from tests.journeys.conftest import eventually


async def asked(terminal, command, **arguments):
    return [item async for item in terminal_commands(terminal)[command](arguments)]


async def at_gateway(terminal, command, **arguments):
    return [item async for item in control_call(terminal.settings.gateway_control, command, arguments)]


async def test_a_payment_is_told_acknowledged_and_found_right(terminal, pay):
    paid = await pay(terminal)
    assert paid.ending is Ending.PAID
    (built,) = await asked(terminal, "registry.build", ahead=True)
    assert (built["kind"], built["count"], built["total"]) == ("TERM", 1, str(paid.total.amount()))
    (told,) = await eventually(
        lambda: asked(terminal, "registry.list"), lambda items: items[0]["state"] != "waiting"
    )
    assert told["state"] == "acknowledged"
    _, _, line, _ = await asked(terminal, "registry.show", id=told["registry_id"])
    assert line["line"].endswith(f";{paid.payment_id};paid;{paid.receipt_number}")
    assert await at_gateway(terminal, "alarms.list") == []


async def test_a_payment_that_only_the_terminal_has_is_alarmed_at_the_gateway(terminal, pay):
    paid = await pay(terminal)
    invented = "01935b2e-0000-7000-8000-0000000000ff"
    await terminal.spool.write(
        lambda tx: tx.execute(
            "UPDATE registry_change SET line = CAST(replace(CAST(line AS TEXT), :old, :new) AS BLOB)",
            {"old": paid.payment_id, "new": invented},
        )
    )
    await asked(terminal, "registry.build", ahead=True)
    alarms = await eventually(lambda: at_gateway(terminal, "alarms.list"), bool)
    assert [(alarm["name"], alarm["subject"]) for alarm in alarms] == [
        ("terminal_payment_invented", invented)
    ]
