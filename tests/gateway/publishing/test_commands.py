"""Publishing at a real gateway, and what its terminals meet: through the control socket and the API."""

import asyncio
import json
from datetime import timedelta

import pytest

from certs.keys import new_private_key
from gateway.bills.payment_states import State
from gateway.client import Refusal
from gateway.publishing.commands import packed, unpacked
from spool import ControlError, control_call

FOR_A_DAY = {"provider": "kokjiek", "by": "asel", "reason": "their processing is down"}


async def at_gateway(gateway, command, arguments) -> list[dict]:
    return [item async for item in control_call(gateway.places.control, command, arguments)]


async def put(customer, offer):
    return await customer.terminal.put(customer.new_id(), customer.request(offer), wait_seconds=10)


async def percent(terminal) -> int:
    products = json.loads((await terminal.catalogue()).content)["products"]
    return next(it for it in products if it["id"] == "kokjiek-mobile")["fee_rule"]["percent_hundredths"]


async def test_a_published_version_is_served_at_once_under_another_tag(
    order, order_of, terminal, dearer, system_time
) -> None:
    before = await terminal.catalogue()
    (told,) = await order("catalogue.publish", order_of(dearer("2"), system_time()))
    assert (told["number"], told["in_force"]) == (1, True)
    after = await terminal.catalogue(before.tag)
    assert after is not None
    assert await percent(terminal) == 200
    assert await terminal.catalogue(after.tag) is None


async def test_an_offer_keeps_its_fee_though_a_dearer_version_came_into_force(
    order, order_of, customer, dearer, system_time
) -> None:
    offer = await customer.offer()
    await order("catalogue.publish", order_of(dearer("2"), system_time()))
    view = await put(customer, offer)
    assert (view.state, view.fee) == (State.PAID, offer.fee)
    assert (await customer.offer()).fee.amount_minor == 3000


async def test_a_provider_that_is_switched_off_is_refused_at_once(order, terminal, customer) -> None:
    before = await terminal.catalogue()
    await order("catalogue.switch", {**FOR_A_DAY, "off": True})
    with pytest.raises(Refusal) as refused:
        await customer.offer()
    assert (refused.value.problem.code, refused.value.problem.retryable) == ("provider_off", True)
    told = json.loads((await terminal.catalogue(before.tag)).content)
    assert told["switched_off"] == ["kokjiek"]
    await order("catalogue.switch", {**FOR_A_DAY, "off": False, "reason": "they are back"})
    assert (await customer.pay()).state == State.PAID


async def test_an_offer_of_a_provider_that_was_switched_off_since_is_refused_before_the_hold(
    order, customer, funds
) -> None:
    offer = await customer.offer()
    await order("catalogue.switch", {**FOR_A_DAY, "off": True})
    with pytest.raises(Refusal) as refused:
        await put(customer, offer)
    assert refused.value.problem.code == "provider_off"
    assert funds.held == []
    await order("catalogue.switch", {**FOR_A_DAY, "off": False})
    assert (await put(customer, offer)).state == State.PAID  # the offer was not used up


def withdrawn(source) -> bytes:
    head, mark, rest = source.partition(b"[[product]] # only this operator")
    assert mark, "the demo has other comments now"
    return head + rest[rest.index(b"[[product]]") :]


def with_another_provider(source) -> bytes:
    before = b'id = "kokjiek-mobile"\nprovider = "kokjiek"'
    assert before in source
    return source.replace(before, before.replace(b'"kokjiek"', b'"samal"'))


@pytest.mark.parametrize("change", [withdrawn, with_another_provider])
async def test_no_newer_catalogue_lets_an_offer_past_the_switch_of_its_provider(
    order, order_of, customer, funds, demo_source, system_time, change
) -> None:
    offer = await customer.offer()
    await order("catalogue.switch", {**FOR_A_DAY, "off": True})
    await order("catalogue.publish", order_of(change(demo_source), system_time()))
    with pytest.raises(Refusal) as refused:
        await put(customer, offer)
    assert refused.value.problem.code == "provider_off"
    assert funds.held == []
    await order("catalogue.switch", {**FOR_A_DAY, "off": False})
    assert (await put(customer, offer)).state == State.PAID


async def test_every_turn_of_a_switch_is_kept(order) -> None:
    for off in (True, True, False):
        await order("catalogue.switch", {**FOR_A_DAY, "off": off})
    turns = await order("catalogue.switches")
    assert [(turn["off"], turn["person"]) for turn in turns] == [(False, "asel"), (True, "asel")]


async def test_a_switch_of_nobody_is_refused(refusal_of) -> None:
    assert (
        await refusal_of("catalogue.switch", {**FOR_A_DAY, "provider": "nobody", "off": True})
        == "no_such_provider"
    )


async def test_the_history_tells_who_published_what_and_keeps_the_file(
    order, order_of, dearer, system_time
) -> None:
    first, at = dearer("2"), system_time() - timedelta(seconds=10)
    await order("catalogue.publish", order_of(first, at))
    later = at + timedelta(seconds=1)
    await order("catalogue.publish", order_of(dearer("3"), later, effective=later + timedelta(days=1)))
    await order("catalogue.publish", order_of(first, later + timedelta(seconds=1), copy_of=1))
    versions = await order("catalogue.list")
    assert [(it["number"], it["copy_of"], it["in_force"]) for it in versions[1:]] == [
        (2, None, False),
        (1, None, False),
    ]
    assert (versions[0]["copy_of"], versions[0]["by"], versions[0]["version"]) == (
        1,
        "asel",
        versions[2]["version"],
    )
    (shown,) = await order("catalogue.show", {"number": 1})
    assert unpacked(shown["source"]) == first


@pytest.mark.parametrize(("change", "code"), [
    ({"effective": timedelta(hours=-1)}, "bad_argument"),
    ({"at": timedelta(hours=1)}, "clock"),
    ({"source": b"[[group]]"}, "catalogue_flawed"),
    ({"by": " "}, "bad_argument"),
])  # fmt: skip
async def test_what_cannot_be_published_is_refused(
    refusal_of, order_of, order, demo_source, system_time, change, code
) -> None:
    at = system_time() + change.get("at", timedelta())
    effective = at + change.get("effective", timedelta())
    told = {**order_of(demo_source, at, effective=effective), "by": change.get("by", "asel")}
    told["source"] = packed(change.get("source", demo_source))
    assert await refusal_of("catalogue.publish", told) == code
    assert await order("catalogue.list") == []


async def test_a_version_dated_before_the_last_one_is_refused(
    refusal_of, order, order_of, dearer, system_time
) -> None:
    at = system_time()
    await order("catalogue.publish", order_of(dearer("2"), at))
    assert await refusal_of("catalogue.publish", order_of(dearer("3"), at)) == "clock"


async def test_with_a_pinned_key_only_what_it_has_signed_is_published(
    open_gateway, sections, bank_key, order_of, dearer, system_time, tmp_path
) -> None:
    key, public = bank_key
    foreign = tmp_path / "foreign.key"
    new_private_key(foreign)
    pinned = sections.catalogue.model_copy(update={"public_key": public})
    at = system_time()
    signed = order_of(dearer("2"), at, key=key)
    wrong = {
        "not_signed": order_of(dearer("2"), at),
        "not_signed_by_us": order_of(dearer("2"), at, key=foreign),
        "bad_argument": {**signed, "signature": {"key": "no", "value": ""}},
    }
    async with open_gateway(catalogue=pinned) as gateway:
        for code, told in wrong.items():
            with pytest.raises(ControlError) as caught:
                await at_gateway(gateway, "catalogue.publish", told)
            assert caught.value.code == code
        with pytest.raises(ControlError) as caught:  # its signature is over another file
            await at_gateway(gateway, "catalogue.publish", {**signed, "source": packed(dearer("0.1"))})
        assert caught.value.code == "not_signed_by_us"
        (told,) = await at_gateway(gateway, "catalogue.publish", signed)
    assert told["signed_by"] is not None


@pytest.mark.parametrize("text", ["", "AAAA", "no base64!", packed(b"x" * (4 * 1024 * 1024 + 2))])
def test_a_text_that_is_no_packed_file_is_refused(text) -> None:
    with pytest.raises(ControlError):
        unpacked(text)


def test_a_file_survives_its_packing(demo_source) -> None:
    assert unpacked(packed(demo_source)) == demo_source
    assert len(packed(demo_source)) < len(demo_source)


async def test_a_payment_that_is_under_way_ends_though_its_provider_is_switched_off(
    order, order_of, customer, eport, moved, dearer, system_time
) -> None:
    offer = await customer.offer()
    eport.may_answer.clear()
    paying = asyncio.create_task(put(customer, offer))
    await moved.until(State.PAYING)
    await order("catalogue.switch", {**FOR_A_DAY, "off": True})
    await order("catalogue.publish", order_of(dearer("2"), system_time()))
    eport.may_answer.set()
    view = await paying
    assert (view.state, view.fee) == (State.PAID, offer.fee)
