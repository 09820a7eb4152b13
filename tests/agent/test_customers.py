from itertools import islice

from agent.demo.customers import Wish, wishes
from agent.sample_settings import DEMO_CATALOGUE
from gateway.eport.messages import Answer
from gateway.eport.operations import Operation
from gateway.eport.results import judge
from gateway.outcomes import Verdict
from gateway.providers.catalogue import load_catalogue
from gateway.sandbox.subscribers import Behaviour, behaviour_of


def first(count: int, *, seed: int) -> list[Wish]:
    return list(islice(wishes(load_catalogue(DEMO_CATALOGUE), seed=seed), count))


def behaviours(orders: list[Wish]) -> set[Behaviour]:
    return {behaviour_of(account) for order in orders for account in order.requisites.values()}


def test_the_same_seed_brings_the_same_customers_and_another_seed_others() -> None:
    assert first(50, seed=7) == first(50, seed=7)
    assert first(50, seed=7) != first(50, seed=8)


def test_a_campaign_meets_refusals_and_long_waits() -> None:
    seen = behaviours(first(2000, seed=1))
    assert any(behaviour.end.result != 0 for behaviour in seen)
    assert any(behaviour.asks for behaviour in seen)


def test_a_payment_of_a_campaign_ends_even_when_its_first_attempts_were_lost() -> None:
    """Else the campaign would wait in vain: seed 810017 did, for a 38 to a second attempt."""
    for behaviour in behaviours(first(2000, seed=810017)):
        end = behaviour.end
        last = Answer(txn_id="26112200000000000001", result=end.result, final=end.final)
        verdict = judge(Operation.PAYMENT, last, first_attempt=False).verdict
        assert verdict in {Verdict.ACCEPTED, Verdict.REFUSED}, behaviour.says
