"""Which version is in force is a matter of the clock, and nothing that has come into force goes by itself."""

import json
from datetime import timedelta

import pytest

from gateway.providers.catalogue import parse_catalogue
from gateway.publishing.commands import CatalogueCommands
from gateway.publishing.in_force import CatalogueInForce


@pytest.fixture
async def in_force(store, clock, demo_source) -> CatalogueInForce:
    return await CatalogueInForce.open(store, parse_catalogue(demo_source), now=clock)


@pytest.fixture
def publish(store, clock, in_force, order_of):
    commands = CatalogueCommands(store, in_force, None, clock).commands()

    async def publish(source, **more) -> dict:
        clock.advance(seconds=1)
        return await commands["catalogue.publish"](order_of(source, clock(), **more))

    return publish


def fee(in_force) -> int:
    return in_force.catalogue().product("kokjiek-mobile").fee_rule.percent_hundredths


async def test_the_file_is_in_force_until_something_was_published(in_force, publish, dearer) -> None:
    assert (in_force.version(), fee(in_force)) == (None, 150)
    await publish(dearer("2"))
    assert (in_force.version().number, fee(in_force)) == (1, 200)


async def test_a_version_comes_into_force_at_its_time(in_force, publish, dearer, clock) -> None:
    before = in_force.served()
    told = await publish(dearer("3"), effective=clock() + timedelta(days=1))
    assert (told["in_force"], fee(in_force)) == (False, 150)
    assert in_force.served().tag == before.tag
    clock.advance(days=1)
    assert (fee(in_force), in_force.catalogue().number) == (300, 1)


async def test_what_comes_later_wins_over_what_was_published_later(in_force, publish, dearer, clock) -> None:
    tomorrow = clock() + timedelta(days=1)
    await publish(dearer("3"), effective=tomorrow)
    await publish(dearer("2"))
    assert fee(in_force) == 200
    await publish(dearer("4"), effective=tomorrow)  # takes the place of the first
    clock.advance(days=2)
    assert (fee(in_force), in_force.version().number) == (400, 3)


async def test_a_clock_that_steps_back_takes_nothing_out_of_force(in_force, publish, dearer, clock) -> None:
    await publish(dearer("2"))
    clock.advance(hours=-1)
    assert fee(in_force) == 200


async def test_another_life_goes_by_the_same_version(
    store, in_force, publish, dearer, clock, demo_source
) -> None:
    await publish(dearer("2"))
    await publish(dearer("3"), effective=clock() + timedelta(hours=1))
    again = await CatalogueInForce.open(store, parse_catalogue(demo_source), now=clock)
    assert again.served() == in_force.served()
    clock.advance(hours=2)
    assert fee(again) == 300


async def test_what_is_served_is_what_was_signed_and_the_moment_beside_it(
    store, clock, order_of, dearer, bank_key, pins, in_force
) -> None:
    commands = CatalogueCommands(store, in_force, pins, clock).commands()
    await commands["catalogue.publish"](order_of(dearer("2"), clock(), key=bank_key[0]))
    await commands["catalogue.switch"]({"provider": "samal", "off": True, "by": "asel", "reason": "down"})
    served = json.loads(in_force.served().content)
    (version,) = in_force._known.versions
    assert {name: served[name] for name in version.document} == version.document
    assert (served["number"], served["switched_off"]) == (1, ["samal"])
    assert served["signature"] == version.signature
