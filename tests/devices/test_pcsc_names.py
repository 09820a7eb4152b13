import pytest

from devices.pcsc.names import find, not_found, stem

TWO = ["ACS ACR39U ICC Reader (A1) 00 00", "ACS ACR39U ICC Reader (B2) 01 00"]


def test_a_serial_number_belongs_to_the_name_and_the_count_does_not():
    assert stem("ACS ACR39U ICC Reader (A1) 0A 00") == "ACS ACR39U ICC Reader (A1)"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("ACS ACR39U ICC Reader (B2) 01 00", TWO[1]),
        ("ACS ACR39U ICC Reader (B2) 00 00", TWO[1]),  # plugged in anew since
        ("ACS ACR39U ICC Reader (B2)", TWO[1]),
        ("ACS ACR39U ICC Reader", None),  # which of the two?
        ("Gemalto PC Twin Reader", None),
    ],
)
def test_a_reader_is_found_whatever_number_it_has_today(wanted, found):
    assert find(wanted, TWO) == found


def test_an_exact_name_comes_before_one_that_is_alike():
    assert find("Twin 01 00", ["Twin 00 00", "Twin 01 00"]) == "Twin 01 00"


def test_a_technician_is_told_which_readers_there_are():
    assert not_found("Twin", TWO) == f"no reader 'Twin'; there is {TWO[0]!r}, {TWO[1]!r}"
    assert "check its cable" in not_found("Twin", [])
