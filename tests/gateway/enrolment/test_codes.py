from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.enrolment.codes import ALPHABET, MistypedCodeError, compact, formatted, new_code

codes = st.integers(0, 2**32).map(lambda seed: new_code(Random(seed).randbytes))


@given(codes)
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    assert compact(formatted(code)) == code
    assert compact(f" {formatted(code).lower().replace('1', 'l').replace('0', 'o')} ") == code


@given(codes, st.integers(0, 11), st.sampled_from(ALPHABET))
def test_every_single_slip_is_found(code: str, place: int, other: str) -> None:
    slipped = code[:place] + other + code[place + 1 :]
    if slipped != code:
        with pytest.raises(MistypedCodeError, match="does not fit"):
            compact(slipped)


@pytest.mark.parametrize("typed", ["", "7K3M", "7K3M-Q0TZ-9XW!", "7K3M-Q0TZ-9XWDD", "ÄÄÄÄ-ÄÄÄÄ-ÄÄÄÄ"])
def test_what_is_no_code_is_told(typed: str) -> None:
    with pytest.raises(MistypedCodeError, match="12 letters"):
        compact(typed)
