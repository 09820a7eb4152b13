from gateway.contract import Offer, Told


async def test_a_payment_goes_from_check_to_capture(
    gateway, terminal, check_request, put_of, new_id, funds, eport
) -> None:
    offer = await terminal.check(check_request, key="check-1")
    assert isinstance(offer, Offer)
    view = await terminal.put(new_id(), put_of(offer), wait_seconds=10)
    assert (view.state, view.told) == ("PAID", Told.PAID)
