"""What was measured is read in the technician's own language."""

import re

import pytest

from agent.texts.measured import PHRASES, measured_text
from devices.escpos.conditions import CONDITIONS, GROUPS, status_of
from devices.interfaces import DeviceState, Status
from devices.pcsc.hresults import MEANINGS
from devices.selftest import of_status
from devices.visa_pad import failures

FINE = 0x12
CODE = r"\w*|PC/SC \w+\)|put devices/pcsc/\S+ into .*"
MEASURED = {
    "media": ("present", "notPresent", "unknown"),
    "card": ("severalSilent",),
    "keys": ("loaded", "notLoaded", "unknown"),
    "paper": ("full", "low", "out", "jammed", "unknown"),
    "cover": ("closed", "open", "unknown"),
    "scanner": ("operational", "unknown"),
}


def unsaid(told):
    """The parts that stay English in Russian, without codes and numbers."""
    parts = re.split("; |: | \\(|, ", measured_text(told).ru)
    return [part for part in parts if not re.search("[А-яё]", part) and not re.fullmatch(CODE, part)]


@pytest.mark.parametrize("phrase", sorted(PHRASES))
def test_every_phrase_is_said_in_both_languages(phrase):
    kazakh, russian = PHRASES[phrase]
    assert re.search("[А-я]", kazakh)
    assert re.search("[А-я]", russian)
    assert not re.search("[ӘәҒғҚқҢңӨөҰұҮүҺһІі]", russian)
    assert kazakh.count("{}") == russian.count("{}") == phrase.count("{}")


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_whatever_a_device_measures_has_words(name):
    for value in MEASURED[name]:
        assert unsaid(of_status(Status(DeviceState.ONLINE, {name: value})).measured) == []


@pytest.mark.parametrize("state", list(DeviceState))
def test_a_state_alone_has_words(state):
    assert unsaid(of_status(Status(state)).measured) == []
    assert state.value in PHRASES


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda it: f"{it.group}-{it.mask:02X}")
def test_whatever_a_printer_says_has_words(condition):
    answers = dict.fromkeys(GROUPS, FINE) | {condition.group: FINE | condition.mask}
    assert unsaid(status_of(answers).detail) == []


def test_a_printer_that_is_silent_has_words():
    assert unsaid(status_of({}).detail) == []


def test_what_helps_against_a_pads_failure_has_words():
    for words in failures._WORDS.values():
        if words.state is not DeviceState.ONLINE:
            assert unsaid(words.advice) == []


@pytest.mark.parametrize("says", sorted({meaning.says for meaning in MEANINGS.values()}))
def test_what_a_reader_says_has_words(says):
    assert unsaid(f"{says} (PC/SC 8010001D)") == []


@pytest.mark.parametrize(
    ("told", "russian"),
    [
        ("paper full, cover closed", "бумага есть, крышка закрыта"),
        ("-3 s against the gateway's clock", "-3 с относительно часов шлюза"),
        (
            "2 wait, the oldest since 2026-11-22T14:05:09+05:00; see `tolem registry list`",
            "ждут: 2, самый старый с 2026-11-22T14:05:09+05:00; смотрите `tolem registry list`",
        ),
        ("/dev/ttyUSB0 is gone: check cable and power", "/dev/ttyUSB0 is gone: проверьте кабель и питание"),
        ("VISA CREDIT, 12345678", "VISA CREDIT, 12345678"),
        ("", ""),
    ],
)
def test_numbers_names_and_what_others_say_stay_as_they_are(told, russian):
    assert measured_text(told).ru == russian
    assert measured_text(told).en == told
