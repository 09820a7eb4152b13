"""Every code that a screen can show has a next step in three languages, and somebody who comes."""

import ast
import re
from pathlib import Path

import pytest

import gateway
from agent import advice
from agent.advice import UNKNOWN, advice_of, who_comes
from agent.kiosk.desk import NO_CATALOGUE
from agent.maintenance import IN_MAINTENANCE
from agent.texts import advice as texts
from agent.texts.advice import STEPS, step_text, visit_text
from agent.texts.technician import PROMPTS, TESTS, WORDS
from certs.causes import Cause
from devices import selftest
from devices.actions import ACTIONS, WHO, Who
from devices.interfaces import DeviceState
from devices.selftest import When
from gateway.certificates.watch import reason_of

GATEWAY_GATE = Path(gateway.__file__).parent / "bills/readiness.py"


def codes_of_the_gateway():
    """The words in its gate's table, and every cause of a certificate's fault."""
    words = re.findall(r'^ {12}\("(\w+)", ', GATEWAY_GATE.read_text(), re.MULTILINE)
    assert len(words) > 4
    return [f"gateway.{word}" for word in (*words, *map(reason_of, Cause))]


def next_steps_of_tests():
    """What `devices.selftest` gives as a next step, by its own text."""
    found = set()
    for node in ast.walk(ast.parse(Path(selftest.__file__).read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "TestResult":
            found |= {it.value for it in node.args[2:3] if isinstance(it, ast.Constant)}
        if isinstance(node, ast.keyword) and node.arg == "next_step" and isinstance(node.value, ast.Constant):
            found.add(node.value.value)
    assert len(found) > 6
    return sorted(found - {""})


CODES = [
    *(f"reader.{state}" for state in DeviceState if state is not DeviceState.ONLINE),
    *(
        "reader.cardLeft",
        "reader.cardSilent",
        "reader.cardsSilent",
        "pin_pad.silent",
        "pin_pad.no_keys",
        "printer.paper_out",
        "printer.paper_low",
        "printer.cover_open",
    ),
    *("store.full", "store.low", "store.lying", "clock.differs", "gateway.unreachable", "eport.unreachable"),
    *(f"certificate.{cause.value}" for cause in Cause),
    *("certificate.unusable", "certificate.ends_soon", "catalogue.none", "catalogue.refused", NO_CATALOGUE),
    *("agent_list.waits_for_a_person", "gateway_list.no_store", IN_MAINTENANCE),
    *("registries.not_acknowledged", "terminals.registry_missing", "catalogue.not_pinned"),
    *codes_of_the_gateway(),
    *ACTIONS,
    *next_steps_of_tests(),
]


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_advice_of_its_own(code):
    assert advice_of(code) != UNKNOWN
    assert all(step_text(advice_of(code).step))


def test_what_nobody_has_foreseen_needs_an_engineer_and_the_log():
    assert advice_of("reader.something_new") == UNKNOWN
    assert UNKNOWN.who is Who.ENGINEER
    assert "support-bundle" in step_text(UNKNOWN.step).en


def test_everything_that_a_guided_test_says_has_words():
    source = Path(selftest.__file__).read_text()
    told = set(re.findall(r'prompter\.tell\("(\w+)"', source)) | set(
        re.findall(r'_seen\(prompter, "(\w+)"', source)
    )
    assert told == set(PROMPTS)
    names = set(re.findall(r'_Kind\("(\w+)"', source))
    assert names == set(TESTS)
    assert all(all(text) for table in (PROMPTS, TESTS, WORDS) for text in table.values())


def test_no_step_is_without_a_code_and_none_is_without_words():
    used = {it.step for it in (*advice._WORDS.values(), *advice._CODES.values(), UNKNOWN)}
    assert used == set(STEPS)


@pytest.mark.parametrize("word", sorted(ACTIONS))
def test_whoever_can_do_what_helps_is_the_one_who_is_called(word):
    """`devices.actions` says what kind of help it is, this table says how a person is told."""
    assert advice_of(word).who is WHO[ACTIONS[word]], word


def test_of_several_faults_the_one_who_can_do_most_comes_at_the_nearest_time():
    assert who_comes([]) == (Who.NOBODY, When.SOON)
    assert who_comes(["gateway.eport_breaker_open"]) == (Who.NOBODY, When.SOON)
    assert who_comes(["printer.paper_low"]) == (Who.STAFF, When.SOON)
    assert who_comes(["printer.paper_out", "store.lying"]) == (Who.ENGINEER, When.NOW)


def test_every_text_is_there_in_every_language_and_russian_has_no_letter_of_kazakh():
    for table in (STEPS, texts.WHO, texts.WHEN, texts.VERDICTS):
        for text in table.values():
            assert all(text)
            assert not set(text.ru) & set("ӘәҒғҚқҢңӨөҰұҮүҺһІі")


def test_a_visit_is_told_in_one_breath():
    assert visit_text(Who.ENGINEER, When.NOW).ru == "инженер, сейчас"
    assert visit_text(Who.NOBODY, When.NOW).en == ""
