from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from spool.agenda import Agenda, Quota


def agenda(per_lane=4, per_destination=64):
    return Agenda(per_lane=per_lane, per_destination=per_destination)


def test_nothing_is_due_before_its_time():
    plan = agenda()
    plan.hint("eport", "a", 1000)
    assert not plan.has_due("eport", 999)
    assert plan.next_due_ms("eport") == 1000
    assert plan.has_due("eport", 1000)


def test_lanes_take_turns_one_by_one():
    plan = agenda(per_lane=3)
    for lane in "abc":
        plan.hint("eport", lane, 0)
    assert plan.take("eport", 0, 7) == [
        Quota("eport", "a", 3),
        Quota("eport", "b", 2),
        Quota("eport", "c", 2),
    ]


def test_a_lane_that_was_served_stands_behind_the_others():
    plan = agenda()
    for lane in "abc":
        plan.hint("eport", lane, 0)
    served = []
    for _ in range(6):
        [quota] = plan.take("eport", 0, 1)
        served.append(quota.lane)
        plan.took(quota, 1, next_due_ms=0)
    assert "".join(served) == "abcabc"


def test_a_lane_at_its_limit_stands_aside_until_something_of_it_ends():
    plan = agenda(per_lane=1)
    plan.hint("eport", "a", 0)
    [quota] = plan.take("eport", 0, 64)
    plan.took(quota, 1, next_due_ms=0)
    assert plan.take("eport", 0, 64) == []
    assert plan.next_due_ms("eport") is None
    assert plan.has_work(0)
    plan.ended("eport", "a")
    assert plan.take("eport", 0, 64) == [Quota("eport", "a", 1)]


def test_a_destination_at_its_limit_gets_no_more():
    plan = agenda(per_destination=2)
    for lane in "abc":
        plan.hint("eport", lane, 0)
    for quota in plan.take("eport", 0, 64):
        plan.took(quota, 1, next_due_ms=None)
    assert plan.in_flight == 2
    assert not plan.has_due("eport", 0)
    plan.ended("eport", "a")
    assert plan.take("eport", 0, 64) == [Quota("eport", "c", 1)]


def test_an_earlier_hint_counts_and_a_later_one_does_not():
    plan = agenda()
    plan.hint("eport", "a", 1000)
    plan.hint("eport", "a", 500)
    plan.hint("eport", "a", 2000)
    assert plan.next_due_ms("eport") == 500
    plan.took(plan.take("eport", 500, 1)[0], 1, next_due_ms=1000)
    assert plan.next_due_ms("eport") == 1000


class Served:
    """An agenda over a store in miniature, where every step checks the limits."""

    def __init__(self):
        self.plan = agenda(per_lane=2, per_destination=5)
        self.waiting = {lane: [] for lane in "abcd"}
        self.flying = Counter()
        self.now = 0

    def add(self, lane, delay):
        self.waiting[lane] = sorted([*self.waiting[lane], self.now + delay])
        self.plan.hint("eport", lane, self.now + delay)

    def tick(self, milliseconds):
        self.now += milliseconds

    def serve(self, limit):
        for quota in self.plan.take("eport", self.now, limit):
            due = [time for time in self.waiting[quota.lane] if time <= self.now][: quota.at_most]
            self.waiting[quota.lane] = rest = self.waiting[quota.lane][len(due) :]
            self.flying[quota.lane] += len(due)
            self.plan.took(quota, len(due), rest[0] if rest else None)
        assert max(self.flying.values(), default=0) <= 2
        assert self.flying.total() <= 5

    def end(self, lane):
        if self.flying[lane]:
            self.flying[lane] -= 1
            self.plan.ended("eport", lane)


LANES = st.sampled_from("abcd")


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), LANES, st.integers(0, 50)),
            st.tuples(st.just("tick"), st.integers(0, 20)),
            st.tuples(st.just("serve"), st.integers(1, 5)),
            st.tuples(st.just("end"), LANES),
        ),
        max_size=80,
    )
)
def test_limits_hold_and_nothing_due_is_ever_forgotten(happenings):
    served = Served()
    for what, *how in happenings:
        getattr(served, what)(*how)
    served.tick(100)
    while served.plan.has_work(served.now):
        served.serve(64)
        for lane in "abcd":
            served.end(lane)
    assert not any(served.waiting.values())
