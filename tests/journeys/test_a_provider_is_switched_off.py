"""The bank's people act at the gateway, and a terminal goes by it: switches, versions, a copy that is not believed."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.journeys.bill import Ending
from agent.orders import OrderError
from agent.sample_settings import DEMO_CATALOGUE
from agent.terminal import PART_FAILED
from certs.detached import public_pem, sign
from certs.keys import new_private_key
from gateway.client import Unreachable
from gateway.providers.catalogue import parse_catalogue
from gateway.publishing.commands import packed
from gateway.publishing.document import document_of, milliseconds, signed_bytes, written
from spool import control_call
from tests.journeys.conftest import eventually

SWITCH = {"provider": "dala-mobile", "by": "asel", "reason": "their processing is down"}


async def order(terminal, command, **arguments):
    return [item async for item in control_call(terminal.settings.gateway_control, command, arguments)]


@pytest.fixture
def quick(bank):
    bank.timers["catalogue_poll_seconds"] = 0.05
    bank.timers["journal_batch_seconds"] = 0.05
    return bank


async def test_a_terminal_learns_it_by_itself_and_refuses_the_order(quick, pay) -> None:
    async with quick.terminal() as terminal:
        await order(terminal, "catalogue.switch", **SWITCH, off=True)
        kept = await eventually(
            lambda: terminal.spool.read(lambda tx: tx.one("SELECT content FROM catalogue_copy")),
            lambda row: row is not None and b'"switched_off":["dala-mobile"]' in bytes(row[0]),
        )
        assert kept is not None
        with pytest.raises(OrderError, match="switched its provider off"):
            await pay(terminal)
        await order(terminal, "catalogue.switch", **SWITCH, off=False)
        assert (await pay(terminal)).ending is Ending.PAID


async def test_a_part_that_ended_by_a_defect_takes_the_terminal_out_of_service(quick) -> None:
    async with quick.terminal() as terminal:
        assert await terminal.assembly.gate.obstacles() == []
        await terminal.spool.write(lambda tx: tx.execute("DROP TABLE catalogue_copy"))
        await order(terminal, "catalogue.switch", **SWITCH, off=True)
        assert await eventually(terminal.assembly.gate.obstacles, bool) == [PART_FAILED]


async def test_a_published_fee_is_the_next_customers(quick, pay) -> None:
    source = DEMO_CATALOGUE.read_bytes()
    at = datetime.now(UTC) - timedelta(seconds=1)
    dearer = source.replace(b'percent = "1.5"', b'percent = "2"')
    assert dearer != source
    async with quick.terminal() as terminal:
        before = await pay(terminal, "7071234567", product="kokjiek-mobile")
        await order(
            terminal,
            "catalogue.publish",
            source=packed(dearer),
            published_at=at.isoformat(),
            effective_at=at.isoformat(),
            by="asel",
            reason="new tariffs",
        )
        after = await pay(terminal, "7071234567", product="kokjiek-mobile")
        assert (before.fee.amount_minor, after.fee.amount_minor) == (2250, 3000)
        assert before.offer.catalogue_version != after.offer.catalogue_version
        books = await quick.settled(terminal)
    assert books.agree


async def test_a_terminal_with_a_pinned_key_pays_by_what_the_bank_has_signed_and_alarms_about_the_rest(
    quick, pay, tmp_path
) -> None:
    key, public = tmp_path / "catalogue.key", tmp_path / "catalogue.pub"
    public.write_bytes(public_pem(new_private_key(key)))
    quick.devices = {**quick.devices, "agent": {"catalogue_key": public}}
    source, at = DEMO_CATALOGUE.read_bytes(), milliseconds(datetime.now(UTC) - timedelta(seconds=9))
    signature = written(
        sign(signed_bytes(document_of(parse_catalogue(source), published_at=at, effective_at=at)), key)
    )
    told = {
        "by": "asel",
        "reason": "the first",
        "source": packed(source),
        "signature": signature.model_dump(),
    }
    async with quick.terminal() as terminal:
        with pytest.raises(Unreachable, match="no signature"):  # the file of the settings is nobody's word
            await pay(terminal)
        alarms = await eventually(lambda: order(terminal, "alarms.list"), bool)
        assert [(alarm["name"], alarm["subject"]) for alarm in alarms] == [("catalogue_refused", "ATM00017")]
        times = {"published_at": at.isoformat(), "effective_at": at.isoformat()}
        await order(terminal, "catalogue.publish", **told, **times)
        assert (await pay(terminal)).ending is Ending.PAID
        later = (at + timedelta(seconds=1)).isoformat()  # the gateway has no pin, and publishes it
        await order(terminal, "catalogue.publish", **{**told, "published_at": later, "effective_at": later})
        journey = await pay(terminal)  # by the last good one
        assert journey.ending is Ending.PAID
        assert (await terminal.catalogue.finding()).code == "catalogue.refused"
