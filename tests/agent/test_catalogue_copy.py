"""The terminal's catalogue: what the gateway serves if it may be believed, else the last good one."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest

from agent.catalogue_copy import TerminalCatalogue
from agent.journal import Journal, latest
from agent.migrations import ROOMS
from certs.detached import Pins, public_pem, sign
from certs.keys import new_private_key
from gateway.client import CatalogueCopy, Unreachable
from gateway.providers.catalogue import parse_catalogue
from gateway.publishing.document import compact, document_of, signed_bytes, written
from spool import Spool, SpoolSettings
from tests.journeys.conftest import eventually
from tests.spool.faulty_disk import FaultyDisk, FaultyVfs

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
DEMO = (Path(str(files("gateway.providers"))) / "demo.toml").read_bytes()


class Source:
    """A gateway that serves one copy, or is silent."""

    def __init__(self):
        self.copy = None
        self.silent = False
        self.asked = []

    async def catalogue(self, tag=None):
        self.asked.append(tag)
        if self.silent:
            raise Unreachable("no answer in time")
        return None if tag == self.copy.tag else self.copy


@pytest.fixture
def keys(tmp_path):
    key = tmp_path / "catalogue.key"
    public = tmp_path / "catalogue.pub"
    public.write_bytes(public_pem(new_private_key(key)))
    return key, Pins.load(public)


@pytest.fixture
def copy_of(keys):
    """`copy_of(1)`: the demo's catalogue as the gateway serves its first version, an hour after the epoch of the test."""

    def make(number=1, *, hours=0, key=None, switched_off=(), change=None, signed=True):
        catalogue = parse_catalogue(DEMO + f"# {number}\n".encode())
        at = AT + timedelta(hours=hours or number)
        document = document_of(catalogue, published_at=at, effective_at=at)
        signature = written(sign(signed_bytes(document), key or keys[0])).model_dump() if signed else None
        whole = {**document, "number": number, "switched_off": list(switched_off), "signature": signature}
        if change is not None:
            change(whole)
        return CatalogueCopy(compact(whole), f'"{number}-{len(switched_off)}"')

    return make


@pytest.fixture
def faulty():
    return FaultyVfs()


@pytest.fixture
async def spool(tmp_path, clock, faulty):
    opening = await Spool.open(
        tmp_path / "agent.db",
        rooms=ROOMS,
        now=clock,
        random=Random(1),
        disk=FaultyDisk(faulty),
        settings=SpoolSettings(reserve_bytes=4096, upkeep_seconds=3600),
    )
    async with opening as opened:
        yield opened


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def new_life(source, spool, keys):
    """A terminal's catalogue as a start of the process finds it."""

    def make(pins=keys[1], *, poll_seconds=30):
        journal = Journal(spool, batch_seconds=1)
        return TerminalCatalogue(source, spool, journal, pins=pins, poll_seconds=poll_seconds)

    return make


@pytest.fixture
def journalled(spool):
    async def names():
        return [(line.name, line.data.get("why")) for line in await spool.read(lambda tx: latest(tx, 50))][
            ::-1
        ]

    return names


async def test_a_signed_version_is_taken_and_asked_for_by_its_tag(source, new_life, copy_of) -> None:
    source.copy = copy_of()
    catalogue = new_life()
    assert (await catalogue.current()).number == 1
    assert await catalogue.current() is await catalogue.current()
    assert source.asked == [None, '"1-0"', '"1-0"']
    assert (await catalogue.finding()).code == "catalogue.kept"


async def test_the_last_good_one_outlives_a_restart_without_the_gateway(source, new_life, copy_of) -> None:
    source.copy = copy_of(switched_off=("samal",))
    await new_life().current()
    source.silent = True
    kept = await new_life().current()
    assert (kept.number, kept.switched_off) == (1, ("samal",))


async def test_a_switch_of_a_provider_needs_no_new_signature(source, new_life, copy_of) -> None:
    source.copy = copy_of()
    catalogue = new_life()
    await catalogue.current()
    source.copy = copy_of(switched_off=("kokjiek",))
    assert (await catalogue.current()).is_switched_off("kokjiek-mobile")


def _dearer(whole):
    whole["products"][0]["fee_rule"]["percent_hundredths"] = 9000


def _renamed(whole):
    whole["products"][0]["provider"] = whole["products"][1]["provider"]


def _later(whole):
    whole["effective_at"] = "2030-01-01T00:00:00Z"


@pytest.mark.parametrize(("wrong", "why"), [
    ({"number": 2, "change": _dearer}, "tampered"),
    ({"number": 2, "change": _renamed}, "tampered"),
    ({"number": 2, "change": _later}, "tampered"),
    ({"number": 2, "change": lambda whole: whole["signature"].update(value="AAAA")}, "tampered"),
    ({"number": 2, "change": lambda whole: whole["signature"].update(key="0" * 16)}, "tampered"),
    ({"number": 2, "signed": False}, "unsigned"),
    ({"number": 2, "change": lambda whole: whole.pop("products")}, "unreadable"),
    ({"number": 2, "change": lambda whole: whole.update(more=1)}, "unreadable"),
    ({"number": 2, "hours": -5}, "older"),
])  # fmt: skip
async def test_what_must_not_be_believed_is_refused_with_an_alarm_and_the_last_good_one_stays(
    source, new_life, copy_of, journalled, wrong, why
) -> None:
    source.copy = copy_of()
    catalogue = new_life()
    good = await catalogue.current()
    source.copy = copy_of(**wrong)
    assert await catalogue.current() is good
    assert await catalogue.current() is good
    assert await journalled() == [("catalogue.taken", None), ("catalogue.refused", why)]  # told once
    assert (await catalogue.finding()).code == "catalogue.refused"
    assert (await new_life().current()).number == 1
    source.copy = copy_of(3)
    assert (await catalogue.current()).number == 3
    assert (await catalogue.finding()).code == "catalogue.kept"


async def failing(spool):
    return spool.fault


async def tag_of_the_kept(spool):
    return await spool.read(lambda tx: tx.one("SELECT tag FROM catalogue_copy"))


async def test_a_disk_that_was_full_for_a_while_does_not_end_the_looking(
    source, new_life, copy_of, spool, faulty
) -> None:
    source.copy = copy_of()
    faulty.free_bytes = -1
    catalogue = new_life(poll_seconds=0.01)
    running = asyncio.create_task(catalogue.run())
    await eventually(lambda: failing(spool), bool)
    faulty.free_bytes = 2**30
    await eventually(lambda: tag_of_the_kept(spool), lambda tag: tag == (source.copy.tag,))
    running.cancel()
    await asyncio.wait([running])


async def test_a_full_disk_keeps_no_payment_from_the_catalogue_and_is_written_later(
    source, new_life, copy_of, spool, faulty, journalled
) -> None:
    source.copy = copy_of()
    faulty.free_bytes = -1
    catalogue = new_life()
    assert (await catalogue.current()).number == 1
    source.copy = copy_of(2, change=lambda whole: whole.update(signature=None))
    assert (await catalogue.current()).number == 1, "what is not to be believed is refused on a full disk too"
    assert await tag_of_the_kept(spool) is None
    faulty.free_bytes = 2**30
    source.silent = True
    await eventually(lambda: looked(catalogue, spool), lambda tag: tag == ('"1-0"',))
    assert await journalled() == [("catalogue.taken", None), ("catalogue.refused", "unsigned")]


async def looked(catalogue, spool):
    await catalogue.current()
    return await tag_of_the_kept(spool)


async def test_a_foreign_key_signs_nothing_for_this_terminal(source, new_life, copy_of, tmp_path) -> None:
    foreign = tmp_path / "foreign.key"
    new_private_key(foreign)
    source.copy = copy_of(key=foreign)
    with pytest.raises(Unreachable, match="no key of"):
        await new_life().current()


async def test_bytes_that_are_no_json_are_refused(source, new_life) -> None:
    source.copy = CatalogueCopy(b"\xff{", '"1"')
    with pytest.raises(Unreachable, match="contract"):
        await new_life().current()


async def test_a_copy_on_disk_that_a_new_key_has_not_signed_is_dropped(
    source, new_life, copy_of, tmp_path
) -> None:
    source.copy = copy_of()
    await new_life().current()
    other = tmp_path / "other.pub"
    other.write_bytes(public_pem(new_private_key(tmp_path / "other.key")))
    source.silent = True
    with pytest.raises(Unreachable):
        await new_life(Pins.load(other)).current()


async def test_without_a_pinned_key_the_gateway_is_believed_even_when_it_begins_anew(
    source, new_life, copy_of
) -> None:
    catalogue = new_life(None)
    source.copy = copy_of(5)
    await catalogue.current()
    source.copy = CatalogueCopy(parse_catalogue(DEMO).model_dump_json().encode(), '"new"')
    assert (await catalogue.current()).number is None
    assert json.loads(source.copy.content)["signature"] is None
