"""Operators' passwords: what is kept, and how often one may be wrong."""

import doctest
import json
from datetime import timedelta
from random import Random

import pytest

from gateway.office import passwords
from gateway.office.passwords import Attempt, Passwords, Tried, UnfitPasswordError

NAME = "Айгерім Қ."
RIGHT = "тоғыз-жолдың-торабы"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "office.passwords"


@pytest.fixture
def kept(file, clock) -> Passwords:
    made = Passwords(file, now=clock, random_bytes=Random(1).randbytes)
    made.set(NAME, RIGHT)
    return made


def test_the_examples_are_true() -> None:
    assert doctest.testmod(passwords).failed == 0


async def test_only_the_right_one_opens(kept) -> None:
    assert (await kept.attempt(NAME, RIGHT)).tried is Tried.RIGHT
    assert (await kept.attempt(NAME, RIGHT + "!")).tried is Tried.WRONG
    assert (await kept.attempt("Nobody", RIGHT)).tried is Tried.WRONG


def test_the_file_is_our_own_users_and_holds_no_password(kept, file) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert RIGHT not in file.read_text("utf-8")
    assert set(json.loads(file.read_text("utf-8"))) == {NAME}


async def test_a_lock_out_outlives_a_restart_and_ends(kept, file, clock) -> None:
    for _ in range(3):
        await kept.attempt(NAME, "wrong-password")
    again = Passwords(file, now=clock, random_bytes=Random(2).randbytes)
    assert await again.attempt(NAME, RIGHT) == Attempt(Tried.LOCKED, 30.0)
    later = Passwords(file, now=lambda: clock() + timedelta(seconds=30), random_bytes=Random(2).randbytes)
    assert (await later.attempt(NAME, RIGHT)).tried is Tried.RIGHT
    assert (await again.attempt(NAME, RIGHT)).tried is Tried.RIGHT


async def test_one_persons_errors_lock_nobody_else(kept) -> None:
    kept.set("Болат", RIGHT)
    for _ in range(3):
        await kept.attempt("Болат", "wrong-password")
    assert (await kept.attempt("Болат", RIGHT)).tried is Tried.LOCKED
    assert (await kept.attempt(NAME, RIGHT)).tried is Tried.RIGHT


async def test_a_broken_file_lets_nobody_in(kept, file) -> None:
    file.write_text("{", "utf-8")
    assert (await kept.attempt(NAME, RIGHT)).tried is Tried.WRONG


async def test_who_is_removed_is_unknown(kept) -> None:
    assert kept.remove(NAME)
    assert not kept.remove(NAME)
    assert (await kept.attempt(NAME, RIGHT)).tried is Tried.WRONG


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (NAME, "short"),
        (NAME, "x" * 20),
        ("asel", "my-name-is-Asel"),
        ("", RIGHT),
        (" asel", RIGHT),
        ("a\nb", RIGHT),
    ],
)
def test_what_everybody_tries_first_is_no_password(kept, name, password) -> None:
    with pytest.raises(UnfitPasswordError) as refused:
        kept.set(name, password)
    assert password not in str(refused.value)
