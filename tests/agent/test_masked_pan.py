import pytest
from pydantic import BaseModel, ValidationError

from agent.masked_pan import MaskedPan

PAN = "9999990000000018"


def test_first_six_and_last_four_remain():
    assert MaskedPan.of(PAN) == "999999******0018"
    assert MaskedPan.of(PAN).last4 == "0018"


@pytest.mark.parametrize("text", [PAN, "", "999999******001", "9999990*****0018", "999999******00181"])
def test_what_is_not_masked_is_refused(text):
    with pytest.raises(ValueError, match="not a masked card number") as refused:
        MaskedPan(text)
    assert PAN not in str(refused.value)


@pytest.mark.parametrize("text", ["", "99999900000", "9" * 20, "99999900000000x8", "٩٩٩٩٩٩٠٠٠٠٠٠٠٠١٨"])
def test_what_is_no_card_number_is_not_masked(text):
    with pytest.raises(ValueError, match="not a card number"):
        MaskedPan.of(text)


def test_a_model_reads_only_masked_numbers():
    class Model(BaseModel):
        masked_pan: MaskedPan

    model = Model(masked_pan=MaskedPan.of(PAN))
    assert Model.model_validate_json(model.model_dump_json()) == model
    with pytest.raises(ValidationError):
        Model.model_validate({"masked_pan": PAN})
