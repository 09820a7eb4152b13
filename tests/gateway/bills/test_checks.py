from gateway.bills.check_states import State, Step
from gateway.bills.checks import insert_check, load_check, take_check
from gateway.money import Amount


async def test_a_check_comes_back_as_it_was_stored(store, an_offer) -> None:
    check = an_offer(debt=Amount(70), requisites=(("account", "701"), ("name", "Әсем")), amount=None)
    await store.write(lambda tx: insert_check(tx, check))
    assert await store.read(lambda tx: load_check(tx, check.check_id)) == check
    assert await store.read(lambda tx: load_check(tx, "26112200000000009999")) is None


async def test_one_check_serves_one_payment(store, an_offer) -> None:
    check = an_offer()
    await store.write(lambda tx: insert_check(tx, check))
    assert await store.write(lambda tx: take_check(tx, check)) is Step.SERVE
    used = await store.read(lambda tx: load_check(tx, check.check_id))
    assert used.state is State.USED
    assert await store.write(lambda tx: take_check(tx, used)) is Step.SAY_USED


async def test_an_offer_is_over_after_its_hour_even_if_nobody_was_awake(store, an_offer, clock) -> None:
    check = an_offer()
    await store.write(lambda tx: insert_check(tx, check))
    clock.advance(hours=1)
    assert await store.write(lambda tx: take_check(tx, check)) is Step.SAY_EXPIRED
    expired = await store.read(lambda tx: load_check(tx, check.check_id))
    assert expired.state is State.EXPIRED
    clock.advance(hours=-1)
    assert await store.write(lambda tx: take_check(tx, expired)) is Step.SAY_EXPIRED


async def test_a_used_check_stays_used_after_its_hour(store, an_offer, clock) -> None:
    check = an_offer(state=State.USED)
    await store.write(lambda tx: insert_check(tx, check))
    clock.advance(hours=2)
    assert await store.write(lambda tx: take_check(tx, check)) is Step.SAY_USED
