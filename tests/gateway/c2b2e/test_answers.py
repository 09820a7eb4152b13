import pytest

from gateway.c2b2e import answers, payee, payer

FINAL = (400, 401, 403, 404, 410, 413, 415, 422)
AGAIN = (None, 408, 429, 500, 502, 503, 504)


@pytest.mark.parametrize("http", FINAL)
def test_only_the_first_attempt_of_an_order_is_refused_for_good(http: int) -> None:
    assert answers.to_order(http, first=True) is payer.Event.ORDER_REFUSED
    assert answers.to_order(http, first=False) is payer.Event.ORDER_DOUBTFUL


@pytest.mark.parametrize("http", [409, 405, 302])
def test_a_conflict_and_what_no_table_has_is_always_asked_about(http: int) -> None:
    for first in (True, False):
        assert answers.to_order(http, first=first) is payer.Event.ORDER_DOUBTFUL
        assert answers.to_pending(http, first=first) is None


@pytest.mark.parametrize("http", AGAIN)
def test_silence_and_trouble_are_sent_again_and_move_nothing(http: int | None) -> None:
    assert answers.retryable(http)
    assert answers.to_request(http) is None
    assert answers.to_order(http, first=True) is None
    assert answers.to_pending(http, first=True) is None


@pytest.mark.parametrize("http", FINAL)
def test_a_refused_request_ends_it_at_any_attempt(http: int) -> None:
    assert answers.to_request(http) is payer.Event.REQUEST_REFUSED


def test_a_message_that_was_taken_moves_nothing() -> None:
    assert not answers.retryable(200)
    assert answers.to_request(200) is None
    assert answers.to_order(200, first=True) is None
    assert answers.to_pending(200, first=True) is None


@pytest.mark.parametrize("http", FINAL)
def test_only_the_first_attempt_of_a_pdng_is_refused_for_good(http: int) -> None:
    assert answers.to_pending(http, first=True) is payee.Event.PENDING_REFUSED
    assert answers.to_pending(http, first=False) is None


def test_an_unknown_order_is_rejected_only_when_it_can_arrive_no_more() -> None:
    assert answers.to_payers_question(404, too_late_for_the_order=True) is payer.Event.ORDER_UNKNOWN
    assert answers.to_payers_question(404, too_late_for_the_order=False) is None
    for http in {*FINAL, *AGAIN, 409} - {404}:
        assert answers.to_payers_question(http, too_late_for_the_order=True) is None
