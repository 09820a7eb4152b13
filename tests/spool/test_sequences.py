import pytest

from spool import NotDurable, last_number, next_number, set_floor


async def test_numbers_have_no_gap_over_restarts_and_undone_transactions(open_spool):
    def undone(tx):
        next_number(tx, "txn_id")
        raise LookupError("on purpose")

    numbers = []
    for _ in range(2):
        spool = await open_spool()
        numbers.append(await spool.write(lambda tx: next_number(tx, "txn_id")))
        with pytest.raises(LookupError):
            await spool.write(undone)
        numbers.append(await spool.write(lambda tx: next_number(tx, "txn_id")))
        await spool.close()
    assert numbers == [1, 2, 3, 4]


async def test_sequences_do_not_know_each_other(spool):
    assert await spool.write(lambda tx: (next_number(tx, "a"), next_number(tx, "b"))) == (1, 1)


async def test_after_the_largest_number_comes_one(spool):
    def three(tx):
        return [next_number(tx, "stan", largest=999_999) for _ in range(3)]

    await spool.write(lambda tx: set_floor(tx, "stan", 999_998))
    assert await spool.write(three) == [999_999, 1, 2]


async def test_a_floor_only_raises(spool):
    def floors(tx):
        set_floor(tx, "a", 100)
        set_floor(tx, "a", 50)
        return next_number(tx, "a"), last_number(tx, "a"), last_number(tx, "nobody")

    assert await spool.write(floors) == (101, 101, None)


@pytest.mark.parametrize("ask", [lambda tx: next_number(tx, "a"), lambda tx: set_floor(tx, "a", 1)])
async def test_a_number_that_a_power_cut_could_give_twice_is_not_given(spool, ask):
    with pytest.raises(NotDurable):
        await spool.write(ask, durable=False)
