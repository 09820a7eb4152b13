"""Identifiers of the platform: 24 characters that name a bank, a day and nothing else twice."""

import secrets
from datetime import date

import pytest

from gateway.iso20022 import formats
from gateway.iso20022.identifiers import ALPHABET, NotABankIdError, bank_id_of, new_identifier

DAY = date(2026, 11, 22)


def test_an_identifier_is_the_bank_the_day_and_thirteen_random_characters():
    identifier = new_identifier("TLM", DAY, secrets.token_bytes)
    assert len(identifier) == 24
    assert identifier.startswith("TLM20261122")
    assert formats.IDENTIFIER.value_of(identifier) == identifier
    assert formats.LINK_ID.value_of(identifier) == identifier
    assert bank_id_of(identifier) == "TLM"


def test_every_character_of_the_alphabet_is_as_likely_as_any_other():
    drawn = "".join(
        new_identifier("TLM", DAY, lambda count, first=first: bytes((first + n) % 256 for n in range(count)))[
            11:
        ]
        for first in range(256)
    )
    assert {drawn.count(character) for character in ALPHABET} == {13 * 256 // 64}


def test_no_two_are_the_same():
    assert len({new_identifier("TLM", DAY, secrets.token_bytes) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("bank_id", ["", "TL", "TLMB", "Т1М", "T_M"])
def test_a_bank_has_three_letters_or_digits(bank_id):
    with pytest.raises(NotABankIdError):
        new_identifier(bank_id, DAY, secrets.token_bytes)
