"""Whatever is typed wrongly, a person is told what, why and what to do; nobody meets a traceback."""

import pytest
from typer.testing import CliRunner

from agent.cli.app import COMMANDS, app
from agent.cli.deferred import Deferred
from agent.cli.failures import OUT_OF_SERVICE, USAGE, explain
from agent.payment_numbers import NotAPaymentError
from spool import ControlError, ControlUnavailable, NoSuchEntry

VALUES = {"--requisite": "account=1"}  # where a 1 is refused before the settings are read


def leaves(command, *path):
    """Every command that takes a settings file, as the words that call it with everything it requires."""
    for name, below in getattr(command, "commands", {}).items():
        yield from leaves(below, *path, name)
    if any("--config" in parameter.opts for parameter in command.params):
        words = [*path, "--config", "nowhere.toml"]
        for parameter in command.params:
            if parameter.required and "--config" not in parameter.opts:
                flag = [parameter.opts[0]] if parameter.opts[0].startswith("-") else []
                words += [*flag, VALUES.get(parameter.opts[0], "1")]
        yield words


EVERY = [words for name, entry in COMMANDS.items() for words in leaves(Deferred(name, *entry).load(), name)]


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_a_file_that_is_not_there_is_told_by_every_command(words):
    result = CliRunner().invoke(app, words)
    assert result.exit_code == USAGE
    assert isinstance(result.exception, SystemExit), result.exception
    assert "cannot be read" in result.stderr


@pytest.mark.parametrize(
    ("error", "what", "code"),
    [
        (ControlError("no_such_payment", "x"), "There is no such payment", USAGE),
        (ControlError("several_payments", "x"), "This names more than one payment", USAGE),
        (ControlError("not_running", "x"), "The gateway does not run", USAGE),
        (ControlError("forbidden", "x"), "The store is another user's", USAGE),
        (ControlError("no_such_transfer", "x"), "There is no such payment by link", USAGE),
        (ControlError("no_such_entry", "x"), "There is no such entry", USAGE),
        (NoSuchEntry("x"), "There is no such entry", USAGE),
        (NotAPaymentError("x"), "This names no payment", USAGE),
        (ControlError("a_new_code", "x"), "It was refused (a_new_code)", USAGE),
        (ControlUnavailable("unavailable", "x"), "Nobody answers", OUT_OF_SERVICE),
        (PermissionError(13, "belongs to another user", "/s"), "The system refused", USAGE),
    ],
)
def test_an_error_says_what_and_has_its_exit_code(error, what, code):
    failure = explain(error)
    assert (failure.what, failure.exit_code) == (what, code)


def test_a_defect_of_ours_is_not_told_as_somebody_elses():
    assert explain(ZeroDivisionError()) is None
