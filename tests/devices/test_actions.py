"""Every word that a driver ends a command with is known: as a fault of the device with its action, or as none."""

import pytest

from devices.actions import ACTIONS, WHO, Action, action_against
from devices.emv.channel import CardMuteError, ReaderBusyError, ReaderForbiddenError, ReaderLostError
from devices.emv.faults import CardFaultError, CardSilentError, Fault, SequenceError, result_of
from devices.escpos.conditions import CONDITIONS
from devices.escpos.printer import _NOT_PROVED, _STATES
from devices.interfaces import Completion, Result
from devices.scanner.scanner import _WORDS as SCANNER_WORDS
from devices.visa_pad.commands import SELF_TEST_RESULTS
from devices.visa_pad.failures import _PIN_REFUSED, _WORDS

NOBODYS_FAULT = {"refused", "invalidData", "good"}  # what was asked, not the pad, is to blame


def test_each_word_of_the_pin_pad_has_an_action():
    words = {words.error for words in _WORDS.values()} | {word for _, word in _PIN_REFUSED.values()}
    assert (words | set(SELF_TEST_RESULTS.values())) - NOBODYS_FAULT <= ACTIONS.keys()


def test_each_word_of_printer_and_scanner_has_an_action():
    words = {condition.error for condition in CONDITIONS if condition.stops} | {_NOT_PROVED[0], "noAnswer"}
    words |= {word for _, word, _ in _STATES.values()} | {word for _, word, _ in SCANNER_WORDS.values()}
    assert words <= ACTIONS.keys()


@pytest.mark.parametrize("error", [ReaderLostError, ReaderBusyError, ReaderForbiddenError, CardSilentError])
def test_each_fault_of_the_reader_has_an_action(error):
    assert action_against(result_of(error("why"))) is not None


@pytest.mark.parametrize(
    "error",
    [*(CardFaultError(fault) for fault in Fault), CardMuteError("mute"), SequenceError("order")],
    ids=str,
)
def test_what_a_card_or_its_holder_does_is_no_fault_of_the_reader(error):
    assert action_against(result_of(error)) is None


@pytest.mark.parametrize("completion", [Completion.CANCELED, Completion.TIME_OUT, Completion.USER_ERROR])
def test_what_a_person_does_is_no_fault(completion):
    assert action_against(Result(completion)) is None


def test_a_word_that_nobody_knows_is_judged_by_its_completion():
    assert action_against(Result(Completion.HARDWARE_ERROR, error="flux")) is Action.MAINTENANCE
    assert action_against(Result(Completion.SUCCESS)) is None


def test_every_action_brings_somebody():
    assert WHO.keys() == set(Action)
