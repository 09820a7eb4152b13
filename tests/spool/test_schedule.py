from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spool import Schedule


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 60), (2, 120), (3, 300), (4, 300), (1000, 300)])
def test_the_delays_are_taken_in_order_and_the_last_one_for_ever(attempts, seconds):
    assert Schedule((60, 120), then=300, jitter=0).delay_seconds(attempts, Random()) == seconds


@given(attempts=st.integers(1, 20), seed=st.integers())
def test_jitter_only_lengthens_and_by_its_share_at_most(attempts, seed):
    exact = Schedule(jitter=0).delay_seconds(attempts, Random())
    assert exact <= Schedule(jitter=0.1).delay_seconds(attempts, Random(seed)) <= exact * 1.1
