import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.act.document import Act, NotAnActError, read, written


def test_what_was_written_is_read(act: Act) -> None:
    assert read(written(act)) == act


def test_it_is_canonical_json_of_integers(act: Act) -> None:
    content = written(act)
    table = json.loads(content, parse_float=pytest.fail)
    assert list(table) == sorted(table)
    assert content == json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert "Көкжиек Мобайл".encode() in content


def test_another_spelling_of_the_same_act_is_refused(act: Act) -> None:
    for other in (
        json.dumps(json.loads(written(act)), indent=1).encode(),
        written(act) + b"\n",
        b"\xef\xbb\xbf" + written(act),
    ):
        with pytest.raises(NotAnActError):
            read(other)


def _change(act: Act, do: Callable[[Any], None]) -> bytes:
    table = json.loads(written(act))
    do(table)
    return json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("do", "why"),
    [
        (lambda act: act["accepted"].update(sum=act["accepted"]["sum"] + 1), "total is not the sum"),
        (lambda act: act["days"][0]["providers"][0]["sums"].update(count=0), "not those of its days"),
        (lambda act: act["providers"].pop(), "no line for provider"),
        (lambda act: act["providers"].append(act["providers"][0]), "twice"),
        (lambda act: act["providers"].reverse(), "not those of its days"),
        (lambda act: act["accepted"].update(sum=1.5), "accepted.sum"),
        (lambda act: act.update(created_at="2026-11-01"), "created_at"),
        (lambda act: act.update(format="tolem act 2"), "format"),
        (lambda act: act["days"][0].update(registry_sha256="0"), "registry_sha256"),
    ],
)
def test_an_act_that_was_touched_is_refused(act: Act, do: Callable[[Any], None], why: str) -> None:
    with pytest.raises(NotAnActError, match=why):
        read(_change(act, do))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"a":NaN}', b"[" * 100_000])
def test_what_is_no_act_is_refused(content: bytes) -> None:
    with pytest.raises(NotAnActError):
        read(content)
