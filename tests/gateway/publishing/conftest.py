"""A small catalogue file whose parts a test changes, and versions of it in a store."""

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import pytest

from certs.detached import Pins, public_pem, sign
from certs.keys import new_private_key
from gateway.providers.catalogue import parse_catalogue
from gateway.publishing.commands import packed
from gateway.publishing.document import document_of, milliseconds, signed_bytes, written
from spool import ControlError, control_call

DEMO = Path(str(files("gateway.providers") / "demo.toml"))


@pytest.fixture(scope="session")
def demo_source() -> bytes:
    return DEMO.read_bytes()


@pytest.fixture
def dearer(demo_source: bytes) -> Callable[[str], bytes]:
    """The demo's catalogue with another percent for kokjiek-mobile: `dearer("2.5")`."""

    def change(percent: str) -> bytes:
        head, mark, rest = demo_source.partition(b'id = "kokjiek-mobile"')
        fee = f'fee = {{ percent = "{percent}"'.encode()
        before, _, after = rest.partition(b'fee = { percent = "1.5"')
        assert after, "the demo has another fee now"
        return head + mark + before + fee + after

    return change


@pytest.fixture
def bank_key(tmp_path: Path) -> tuple[Path, Path]:
    """The bank's catalogue key, and what whoever verifies is given."""
    key, public = tmp_path / "catalogue.key", tmp_path / "catalogue.pub"
    public.write_bytes(public_pem(new_private_key(key)))
    return key, public


@pytest.fixture
def pins(bank_key: tuple[Path, Path]) -> Pins:
    return Pins.load(bank_key[1])


@pytest.fixture
def order_of():
    """`order_of(source, at, key=…)`: the arguments of `catalogue.publish`."""

    def arguments(
        source: bytes, at: datetime, *, effective: datetime | None = None, key: Path | None = None, **more
    ) -> dict:
        published_at, effective_at = milliseconds(at), milliseconds(effective or at)
        told = {
            "source": packed(source),
            "published_at": published_at.isoformat(),
            "effective_at": effective_at.isoformat(),
            "by": "asel",
            "reason": "new tariffs",
            **more,
        }
        if key is not None:
            signed = document_of(
                parse_catalogue(source), published_at=published_at, effective_at=effective_at
            )
            told["signature"] = written(sign(signed_bytes(signed), key)).model_dump()
        return told

    return arguments


@pytest.fixture
def order(gateway):
    """`await order("catalogue.list")` → the items that the gateway answers."""

    async def call(command, arguments=None) -> list[dict]:
        return [item async for item in control_call(gateway.places.control, command, arguments)]

    return call


@pytest.fixture
def refusal_of(order):
    async def call(command, arguments) -> str:
        with pytest.raises(ControlError) as caught:
            await order(command, arguments)
        return caught.value.code

    return call
