from random import Random
from zoneinfo import ZoneInfo

import pytest

from gateway.bills.moves import Evidence
from gateway.bills.numbering import first_opened, new_rrn, new_stan, new_txn_id, set_floors
from gateway.bills.payment_states import Event
from gateway.identifiers import TXN_ID_LARGEST, NotAnIdentifierError, is_rrn, is_stan, is_txn_id
from gateway.migrations import ROOMS
from spool import Spool, set_floor


@pytest.fixture
def zone() -> ZoneInfo:
    return ZoneInfo("Asia/Almaty")


async def test_a_new_store_begins_above_what_a_former_one_can_have_used(store, zone, clock) -> None:
    first = await store.write(lambda tx: new_txn_id(tx, zone))
    assert is_txn_id(first)
    assert first[:6] == "261122"
    assert int(first[6:]) == int(clock().timestamp() * 1000) * 10 + 1


async def test_numbers_follow_each_other_without_gaps(store, zone) -> None:
    numbers = await store.write(lambda tx: [int(new_txn_id(tx, zone)[6:]) for _ in range(5)])
    assert numbers == list(range(numbers[0], numbers[0] + 5))


async def test_the_settings_may_name_the_floor(tmp_path, clock, zone) -> None:
    rooms = ROOMS
    async with await Spool.open(tmp_path / "g.db", rooms=rooms, now=clock, random=Random(1)) as other:
        await other.write(lambda tx: set_floors(tx, configured=41, restored=None))
        assert await other.write(lambda tx: new_txn_id(tx, zone)) == "26112200000000000042"
        await other.write(lambda tx: set_floors(tx, configured=41, restored=None))
        assert await other.write(lambda tx: new_txn_id(tx, zone)) == "26112200000000000043"
        sources = await other.read(
            lambda tx: [*tx.execute("SELECT source FROM sequence_floor WHERE name = 'txn_id'")]
        )
        assert sources == [("settings 41",)]


async def test_the_sequence_of_txn_ids_ends_and_never_begins_again(store, zone) -> None:
    await store.write(lambda tx: set_floor(tx, "txn_id", TXN_ID_LARGEST - 1))
    assert (await store.write(lambda tx: new_txn_id(tx, zone)))[6:] == "9" * 14
    with pytest.raises(NotAnIdentifierError):
        await store.write(lambda tx: new_txn_id(tx, zone))


async def test_a_restart_sets_no_new_floor(store, zone, clock) -> None:
    before = await store.write(lambda tx: int(new_txn_id(tx, zone)[6:]))
    clock.advance(hours=5)
    await store.write(lambda tx: set_floors(tx, configured=None, restored=None))
    assert await store.write(lambda tx: int(new_txn_id(tx, zone)[6:])) == before + 1


async def test_a_restored_store_goes_on_above_what_was_lost(store, zone, clock) -> None:
    await store.write(lambda tx: new_txn_id(tx, zone))
    clock.advance(hours=5)
    await store.write(lambda tx: set_floors(tx, configured=None, restored="copy of 2026"))
    assert await store.read(lambda tx: first_opened(tx, "copy of 2026")) == clock()
    clock.advance(hours=5)
    await store.write(lambda tx: set_floors(tx, configured=None, restored="copy of 2026"))
    assert await store.read(lambda tx: first_opened(tx, "copy of 2026")) != clock()
    number = await store.write(lambda tx: int(new_txn_id(tx, zone)[6:]))
    assert number == int(clock().timestamp() - 5 * 3600) * 10_000 + 1


async def test_each_day_has_its_own_rrns_from_the_milliseconds_of_the_day(store, zone, clock) -> None:
    today = await store.write(lambda tx: new_rrn(tx, zone))
    assert is_rrn(today)
    assert today[:4] == "6326"
    assert int(today[4:]) == ((14 * 60 + 5) * 60 + 9) * 1000 + 1
    again = await store.write(lambda tx: new_rrn(tx, zone))
    assert int(again) == int(today) + 1
    clock.advance(hours=10)
    tomorrow = await store.write(lambda tx: new_rrn(tx, zone))
    assert tomorrow[:4] == "6327"
    assert int(tomorrow[4:]) < int(today[4:])


async def test_a_stan_open_on_the_terminal_is_skipped_until_the_hold_is_closed(store, begin, moves) -> None:
    payment = await begin()

    def back_and_next(tx, terminal):
        tx.execute("UPDATE sequence SET last = :last WHERE name = 'stan'", {"last": int(payment.stan) - 1})
        return new_stan(tx, terminal)

    following = f"{int(payment.stan) + 1:06d}"
    assert await store.write(lambda tx: back_and_next(tx, payment.terminal)) == following
    assert await store.write(lambda tx: back_and_next(tx, "POS2")) == payment.stan
    await store.write(
        lambda tx: moves.apply(tx, payment.payment_id, Event.HOLD_DECLINED, Evidence(reason="card.51"))
    )
    assert await store.write(lambda tx: back_and_next(tx, payment.terminal)) == payment.stan


async def test_a_stan_of_an_advice_is_open_too(store, begin, moves) -> None:
    payment = await begin()
    after = await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.UNANSWERED))
    (advice_stan,) = await store.read(lambda tx: tx.one("SELECT advice_stan FROM payment"))
    assert is_stan(advice_stan)
    assert advice_stan != payment.stan
    assert after.state == "RELEASING"
    await store.write(lambda tx: set_floor(tx, "stan", 0))

    def back_and_next(tx):
        tx.execute("UPDATE sequence SET last = :last WHERE name = 'stan'", {"last": int(payment.stan) - 1})
        return new_stan(tx, payment.terminal)

    assert int(await store.write(back_and_next)) == int(advice_stan) + 1


async def test_stans_wrap_after_six_digits(store) -> None:
    await store.write(lambda tx: set_floor(tx, "stan", 999_998))
    stans = await store.write(lambda tx: [new_stan(tx, "ATM00017") for _ in range(3)])
    assert stans == ["999999", "000001", "000002"]
