import doctest

import pytest

from gateway import reasons
from gateway.eport.results import RESULTS
from gateway.iso20022 import codes
from gateway.outcomes import Verdict
from gateway.reasons import REASONS, Part, card_reason, eport_reason, iso_reason, reason_of


def test_examples_in_the_docstring_hold():
    assert doctest.testmod(reasons).failed == 0


@pytest.mark.parametrize("code", sorted(RESULTS))
def test_every_result_that_can_refuse_has_a_reason_of_its_own(code):
    row = RESULTS[code]
    refuses = {cell.verdict for cell in (row.check, row.payment, row.status)} & {Verdict.REFUSED}
    assert not refuses or code == 251 or eport_reason(code) in REASONS


@pytest.mark.parametrize("response_code", ["51", "54", "55", "62", "75"])
def test_every_response_code_that_the_protocol_names_has_a_reason(response_code):
    assert card_reason(response_code) in REASONS


def test_an_unknown_code_has_its_family_s_reason_and_keeps_its_name():
    assert reason_of("card.N7").part is Part.ISSUER
    assert reason_of("eport.-1").code == "eport.-1"


def test_a_missing_code_says_what_is_missing():
    assert card_reason(None) in REASONS
    assert eport_reason(None) in REASONS


def test_a_code_of_no_family_is_an_error_of_ours():
    with pytest.raises(KeyError):
        reason_of("weather.5")


def test_codes_stand_once():
    assert len(REASONS) == len(reasons._ROWS)


def test_every_reason_code_of_the_platform_has_a_reason_and_no_other():
    of_iso = {code for code in REASONS if code.startswith("iso.")}
    assert of_iso == {iso_reason(code) for code in codes.REASONS} | {"iso.other"}


def test_a_reason_code_that_nobody_knows_has_its_family_s_reason():
    assert reason_of(iso_reason("ZZ99")).code == "iso.ZZ99"
