import pytest

from agent.cli.pay_lines import fee_text, lines
from agent.journeys.bill import Ending, State
from gateway.contract import FeeRule, Money
from tests.agent.kiosk.scenes import journey


def rule(percent_hundredths=0, minimum=0, maximum=None):
    most = None if maximum is None else Money(amount_minor=maximum)
    return FeeRule(percent_hundredths=percent_hundredths, minimum=Money(amount_minor=minimum), maximum=most)


@pytest.mark.parametrize(
    ("fee", "told"),
    [
        (rule(), "none"),
        (rule(minimum=10000, maximum=10000), "100.00 ₸"),
        (rule(minimum=10000), "100.00 ₸"),
        (rule(300, minimum=10000, maximum=10000), "100.00 ₸"),
        (rule(300, maximum=0), "none"),
        (rule(150), "1.5 %"),
        (rule(75, maximum=30000), "0.75 %, at most 300.00 ₸"),
        (rule(100, minimum=3000), "1 %, at least 30.00 ₸"),
        (rule(50, minimum=10000, maximum=100000), "0.5 %, at least 100.00 ₸, at most 1 000.00 ₸"),
    ],
)
def test_each_kind_of_fee_is_told_as_what_it_comes_to(fee, told):
    assert fee_text(fee).replace("\u00a0", " ") == told


def test_a_card_that_is_left_is_told_although_nothing_was_sent():
    left = journey(State.ABANDONED, "en", Ending.CANCELLED, card_left=True)
    assert [line.label for line in lines(left)][-1] == "card"
    taken = left.model_copy(update={"card_left": False})
    assert "card" not in [line.label for line in lines(taken)]


@pytest.mark.parametrize(
    ("ending", "reason", "comment", "told"),
    [
        (Ending.NOTHING_TAKEN, "card.noMedia", "pulled while its holder was asked", "The card was taken out too early. (card.noMedia)"),
        (Ending.NOTHING_TAKEN, "eport.5", "Счёт не найден", "The provider found no such account. Please check the details. (eport.5)"),
        (Ending.OUT_OF_SERVICE, "check_unanswered", "Check again with a new Idempotency-Key", "The provider did not answer the check (check_unanswered)"),
        (Ending.OUT_OF_SERVICE, "printer.paperOut", "eport.breaker", "printer.paperOut, eport.breaker"),
        (Ending.OUT_OF_SERVICE, "reader.noDevice", None, "reader.noDevice"),
    ],
)  # fmt: skip
def test_why_nothing_was_paid_is_a_sentence_for_who_does_not_know_our_wires(ending, reason, comment, told):
    ended = journey(State.ABANDONED, "ru", ending, reason=reason, comment=comment).model_copy(
        update={"view": None, "payment_id": None}
    )
    assert [line.text for line in lines(ended) if line.label == "why"] == [told]


def test_after_sending_the_card_hosts_word_is_told():
    ended = journey(State.ENDED, "ru", Ending.NOTHING_TAKEN, reason="card.51")
    assert [line.text for line in lines(ended) if line.label == "why"] == [
        "Not enough funds on the card. (card.51)"
    ]
