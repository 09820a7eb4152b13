import pytest

from gateway.funds.messages import AnswerKey
from gateway.funds.pending import AlreadyAwaitedError, NotWaitedFor, Pending


def key(number: int) -> AnswerKey:
    return AnswerKey("0110", f"{number:06d}", "632600001234", "ATM00017")


def test_answers_find_their_waiters_in_any_order():
    pending = Pending()
    for number in range(5):
        pending.expect(key(number), f"waiter {number}")
    assert [pending.take(key(number)) for number in (3, 0, 4, 1, 2)] == [
        f"waiter {n}" for n in (3, 0, 4, 1, 2)
    ]
    assert len(pending) == 0


def test_a_stranger_is_unmatched():
    assert Pending().take(key(1)) is NotWaitedFor.UNMATCHED


def test_what_was_given_up_is_late_and_so_is_a_second_copy():
    pending = Pending()
    pending.expect(key(1), "one")
    pending.give_up(key(1))
    pending.expect(key(2), "two")
    pending.take(key(2))
    assert pending.take(key(1)) is NotWaitedFor.LATE
    assert pending.take(key(2)) is NotWaitedFor.LATE


def test_the_same_answer_is_awaited_once_at_a_time():
    pending = Pending()
    pending.expect(key(1), "first")
    with pytest.raises(AlreadyAwaitedError):
        pending.expect(key(1), "second")
    pending.give_up(key(1))
    pending.expect(key(1), "again")
    assert pending.take(key(1)) == "again"


def test_giving_all_up_returns_every_waiter_once():
    pending = Pending()
    pending.expect(key(1), "one")
    pending.expect(key(2), "two")
    assert pending.give_up_all() == ["one", "two"]
    assert pending.give_up_all() == []
    assert pending.take(key(1)) is NotWaitedFor.LATE


def test_memory_of_late_answers_has_a_bound():
    pending = Pending()
    for number in range(5000):
        pending.expect(key(number), number)
        pending.give_up(key(number))
    assert pending.take(key(4999)) is NotWaitedFor.LATE
    assert pending.take(key(0)) is NotWaitedFor.UNMATCHED
