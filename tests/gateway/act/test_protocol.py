import pytest

from gateway.act.document import Act, Sums
from gateway.act.eport_act import EportAct
from gateway.act.month import Month
from gateway.act.protocol import AnotherActError, protocol

MONTH = Month(2026, 10)


def _theirs(act: Act, **other: Sums) -> EportAct:
    providers = {line.provider: line.accepted for line in act.providers}
    return EportAct(
        "10001", MONTH, providers | {code.replace("_", "-"): sums for code, sums in other.items()}
    )


def test_two_acts_that_agree_have_no_differences(act: Act) -> None:
    compared = protocol(act, _theirs(act))
    assert compared.differences == ()
    assert compared.accepted.agrees
    assert len(compared.lines) == 3


def test_a_difference_is_ours_less_theirs(act: Act) -> None:
    ours = act.providers[0].accepted
    theirs = _theirs(act, beeline_kz=ours + Sums(count=1, sum=-500, fee=7))
    (found,) = protocol(act, theirs).differences
    assert found.provider == "beeline-kz"
    assert found.difference == Sums(count=-1, sum=500, fee=-7)


def test_differences_that_cancel_out_are_differences(act: Act) -> None:
    first, second = (line.accepted for line in act.providers[:2])
    up = Sums(count=1, sum=100, fee=0)
    back = Sums(count=-1, sum=-100, fee=0)
    compared = protocol(act, _theirs(act, beeline_kz=first + up, kokzhiek_mobile=second + back))
    assert compared.accepted.agrees
    assert len(compared.differences) == 2


def test_a_provider_that_one_side_alone_names_is_a_difference(act: Act) -> None:
    theirs = _theirs(act, stranger=Sums(count=1, sum=1, fee=0))
    theirs = EportAct("10001", MONTH, {c: s for c, s in theirs.providers.items() if c != "samal-internet"})
    assert {line.provider for line in protocol(act, theirs).differences} == {"stranger", "samal-internet"}


@pytest.mark.parametrize("theirs", [EportAct("10002", MONTH, {}), EportAct("10001", MONTH.next(), {})])
def test_an_act_of_another_point_or_month_is_not_compared(act: Act, theirs: EportAct) -> None:
    with pytest.raises(AnotherActError):
        protocol(act, theirs)
