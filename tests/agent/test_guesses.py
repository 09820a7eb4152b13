from agent.guesses import Guesses


def wrong_at(guesses, *times):
    return [guesses.wrong(at) for at in times]


def test_the_fifth_wrong_guess_within_ten_minutes_locks():
    guesses = Guesses()
    assert wrong_at(guesses, 0, 100, 200, 300, 599) == [False, False, False, False, True]
    assert guesses.locked_seconds(599) == 900
    assert guesses.locked_seconds(1499) == 0


def test_wrong_guesses_older_than_the_window_no_longer_count():
    guesses = Guesses()
    assert wrong_at(guesses, 0, 100, 200, 300, 600) == [False] * 5
    assert guesses.locked_seconds(600) == 0


def test_after_a_lock_counting_begins_anew():
    guesses = Guesses()
    wrong_at(guesses, 0, 0, 0, 0, 0)
    assert wrong_at(guesses, 901, 901, 901, 901) == [False] * 4
    assert guesses.wrong(902)
