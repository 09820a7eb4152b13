from gateway.act.document import Sums
from gateway.office.chart import WIDTH, bars


def test_the_longest_bar_is_first_and_fills_the_width() -> None:
    found = bars({"a": Sums(count=1, sum=50), "b": Sums(count=1, sum=90, fee=10), "c": Sums()})
    assert [(bar.provider, bar.width) for bar in found] == [("b", WIDTH), ("a", WIDTH // 2), ("c", 0)]
    assert len({bar.top for bar in found}) == 3


def test_what_there_is_can_be_seen_however_small() -> None:
    assert bars({"a": Sums(sum=1), "b": Sums(sum=10**12)})[-1].width > 0


def test_more_corrections_than_payments_is_a_bar_of_its_own_length() -> None:
    assert bars({"a": Sums(count=-1, sum=-100)})[0].width == WIDTH


def test_nothing_gives_no_bars() -> None:
    assert bars({}) == []
