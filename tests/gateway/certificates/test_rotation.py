"""A new personal certificate while payments go on, against e-port's real TLS."""

import asyncio
from datetime import timedelta

from certs.identity import Identity
from gateway.contract import Told
from gateway.sandbox.books import GatewayRow, compare
from spool import control_call


async def reads(pair):
    return pair.identity().fingerprint


async def test_rotation_under_load_fails_no_payment(
    bank, sandbox, open_bank_gateway, terminal_of, customer_of, eventually
) -> None:
    async with open_bank_gateway(bank.settings) as gateway:
        customers = [customer_of(terminal_of(gateway, f"ATM0001{n}")) for n in range(4)]
        paid, more = [], asyncio.Event()

        async def pay_on(customer) -> None:
            while not more.is_set():
                paid.append(await customer.pay())

        paying = [asyncio.create_task(pay_on(customer)) for customer in customers]
        first = bank.pair.identity().fingerprint
        for _ in range(3):
            before, so_far = bank.pair.identity().fingerprint, len(paid)
            bank.stage(sandbox.issuer.issue("tolem-gateway", server_names=()))
            await eventually(lambda: reads(bank.pair), lambda seen, old=before: seen != old)

            async def count() -> int:
                return len(paid)

            await eventually(count, lambda number, before=so_far: number >= before + 8)
        more.set()
        await asyncio.gather(*paying)
        assert {view.told for view in paid} == {Told.PAID}
        assert bank.pair.previous.exists()
        assert bank.pair.identity().fingerprint != first

        async def left() -> int:
            (health,) = [item async for item in control_call(gateway.places.control, "health")]
            return sum(one["ready"] + one["claimed"] + one["to_person"] for one in health["destinations"])

        await eventually(left, lambda number: number == 0)
        book = [GatewayRow(**row) async for row in control_call(gateway.places.control, "books")]
        books = compare(book, sandbox.eport_rows(), sandbox.card_rows())
        assert (len(book), books.open, sum(books.differences.values())) == (len(paid), 0, 0)


async def test_a_certificate_that_e_port_refuses_is_set_aside_and_the_old_one_goes_on(
    bank, sandbox, foreign_ca, open_bank_gateway, terminal_of, customer_of, eventually, alarms_of
) -> None:
    refused = {
        "another CN": sandbox.issuer.issue("somebody-else", server_names=()),
        "a foreign CA": foreign_ca.issue("tolem-gateway", server_names=()),
        "over": sandbox.issuer.issue("tolem-gateway", lasts=timedelta(days=-1)),
    }
    async with open_bank_gateway(bank.settings) as gateway:
        customer = customer_of(terminal_of(gateway))
        in_use = bank.pair.identity().fingerprint
        for why, issued in refused.items():
            bank.pair.refused.unlink(missing_ok=True)
            bank.stage(issued)

            async def set_aside() -> bool:
                return bank.pair.refused.exists()

            await eventually(set_aside, bool)
            fingerprint = Identity.read(bank.pair.refused, bank.pair.refused).fingerprint
            assert fingerprint == Identity.read(*issued).fingerprint, why
            assert bank.pair.identity().fingerprint == in_use
            assert (await customer.pay()).told is Told.PAID
        assert (await customer.terminal.readiness()).ready
        assert await alarms_of(gateway) == ["certificate_refused"]


async def test_what_a_person_copied_into_the_place_is_taken_too(
    bank, sandbox, open_bank_gateway, terminal_of, customer_of, eventually, metrics_of
) -> None:
    async with open_bank_gateway(bank.settings) as gateway:
        before = await metrics_of(gateway)
        assert 'tolem_certificate_days_left{certificate="eport.client_cert"} 364' in before
        bank.install(sandbox.issuer.issue("tolem-gateway", lasts=timedelta(days=200)))
        await eventually(
            lambda: metrics_of(gateway),
            lambda text: 'tolem_certificate_days_left{certificate="eport.client_cert"} 199' in text,
        )
        assert (await customer_of(terminal_of(gateway)).pay()).told is Told.PAID


async def test_an_exchange_that_a_power_cut_interrupted_is_finished_by_the_next_start(
    bank, sandbox, open_bank_gateway, terminal_of, customer_of
) -> None:
    new = sandbox.issuer.issue("tolem-gateway", server_names=())
    bank.stage(new)
    bank.pair.next.rename(bank.pair.proved)
    bank.pair.key.write_bytes(new.key.read_bytes())  # so far it came: the two files do not fit
    async with open_bank_gateway(bank.settings) as gateway:
        assert (await customer_of(terminal_of(gateway)).pay()).told is Told.PAID
    assert not bank.pair.proved.exists()
    assert bank.pair.identity().fingerprint == Identity.read(*new).fingerprint


async def test_a_trial_without_an_answer_says_nothing_and_is_made_again(
    bank, sandbox, open_bank_gateway, terminal_of, eventually, foreign_ca
) -> None:
    eport = bank.settings.eport.model_copy(update={"ca": foreign_ca.ca_path})  # we refuse e-port, not it us
    bank.settings = type(bank.settings)(**{**vars(bank.settings), "eport": eport})
    bank.stage(sandbox.issuer.issue("tolem-gateway", server_names=()))
    async with open_bank_gateway(bank.settings) as gateway:
        await asyncio.sleep(0.3)
        assert bank.pair.next.exists()
        assert not bank.pair.refused.exists()
        reasons = (await terminal_of(gateway).readiness()).reasons
        assert set(reasons) <= {"certificate_foreign_ca"}, (
            "of e-port's line, once anybody uses it; none of the trial"
        )
