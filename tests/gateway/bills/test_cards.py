import pytest

from gateway.bills.cards import card_of
from gateway.contract import CardInput
from gateway.problems import ProblemError

PAN, EXPIRY = "4012345678909", "2912"
TRACK = f"{PAN}D{EXPIRY}1010000"


def test_a_chip_card_comes_with_track_and_emv_data() -> None:
    given = CardInput(
        track2=TRACK, emv="9F2608AABB", pin_block="1B9C1845EB993A7A", ksn="FFFF9876543210E00001"
    )
    card = card_of(given)
    assert (card.track2, card.pan) == (TRACK, None)
    assert card.emv == bytes.fromhex("9F2608AABB")
    assert card.ksn == bytes.fromhex("FFFF9876543210E00001")
    assert "4012" not in repr(card) + repr(given)


def test_pan_and_expiry_may_stand_beside_the_track_they_agree_with() -> None:
    assert card_of(CardInput(pan=PAN, expiry_yymm=EXPIRY, track2=TRACK)).pan == PAN
    assert card_of(CardInput(pan=PAN, expiry_yymm=EXPIRY)).track2 is None


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"pan": PAN},
        {"expiry_yymm": EXPIRY, "track2": TRACK},
        {"pan": PAN, "expiry_yymm": "3001", "track2": TRACK},
        {"pan": "4111111111111111", "expiry_yymm": EXPIRY, "track2": TRACK},
        {"track2": TRACK, "ksn": "FFFF9876543210E00001"},
    ],
)
def test_what_is_incomplete_or_disagrees_is_refused_without_being_quoted(given) -> None:
    with pytest.raises(ProblemError) as caught:
        card_of(CardInput(**given))
    assert caught.value.code == "card_incomplete"
    assert "4" not in caught.value.document.detail
