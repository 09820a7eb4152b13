"""A registry that is wrong anywhere is refused whole, with the line and the reason."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.layout import Kind, Status, Totals, operation_line, trailer_line
from gateway.registry.reading import RegistryError, read
from tests.gateway.registry.conftest import operation

HEAD = (
    b"H;1;TECH;10001;10001-TECH-17;2026-11-22T13:30:00+05:00;2026-11-22T14:30:00+05:00;KZT;"
    b"2026-11-22T14:30:02+05:00\r\n"
)
ONE, TWO = (operation_line(operation(n, Status.ACCEPTED), Kind.TECH) for n in (1, 2))


def registry(*lines: bytes, head: bytes = HEAD, totals: Totals | None = None) -> bytes:
    """With the trailer that its sender would write."""
    content = head + b"".join(lines)
    sums = Totals()
    for line in lines:
        fields = line.decode(errors="replace").split(";")
        sums = sums.plus(sum_minor=int(fields[6].replace(".", "")), fee_minor=int(fields[7].replace(".", "")))
    return content + trailer_line(totals or sums, hashlib.sha256(content).hexdigest())


def taken(body: bytes, kind: Kind = Kind.TECH, pieces: int = 1 << 20) -> list:
    return list(read((body[n : n + pieces] for n in range(0, len(body), pieces)), kind))


GOOD = registry(ONE, TWO)


def test_what_was_written_is_read_again() -> None:
    header, *operations, totals = taken(GOOD)
    assert (header.registry_id, header.number, header.holder) == ("10001-TECH-17", 17, "10001")
    assert operations == [operation(1, Status.ACCEPTED), operation(2, Status.ACCEPTED)]
    assert totals == Totals(2, 300_003, 9_000, 309_003)


def test_an_empty_registry_is_one() -> None:
    assert taken(registry())[1:] == [Totals()]


@given(st.integers(1, 300))
def test_it_is_the_same_wherever_the_bytes_are_cut(pieces) -> None:
    assert taken(GOOD, pieces=pieces) == taken(GOOD)


CHANGED = ONE.replace(b"beeline-kz", b"beeline-ru")
BROKEN = {
    "empty": (b"", 1, "empty"),
    "truncated in a line": (GOOD[:-10], 4, "breaks off"),
    "truncated after a line": (HEAD + ONE, 3, "without its trailer"),
    "doubled": (GOOD + GOOD, 5, "follows the trailer"),
    "a line doubled": (registry(ONE, ONE), 3, "txn_id occurs twice"),
    "another kind": (registry(head=HEAD.replace(b"TECH", b"BANK")), 1, "kind is not TECH"),
    "another version": (registry(head=HEAD.replace(b"H;1;", b"H;2;")), 1, "version"),
    "another currency": (registry(head=HEAD.replace(b"KZT", b"USD")), 1, "currency"),
    "a foreign id": (registry(head=HEAD.replace(b"10001-TECH", b"10002-TECH")), 1, "registry_id"),
    "number zero": (registry(head=HEAD.replace(b"TECH-17", b"TECH-0")), 1, "registry_id"),
    "another length": (registry(head=HEAD.replace(b"T13:30", b"T13:00")), 1, "does not cover"),
    "off the grid": (registry(head=HEAD.replace(b":30:00", b":31:00")), 1, "does not cover"),
    "a time without an offset": (registry(head=HEAD.replace(b"02+05:00", b"02")), 1, "a time"),
    "a time that cannot be": (registry(head=HEAD.replace(b"2026-11-22T14:30:02", b"2026-11-31T14:30:02")), 1, "a time"),
    "no header": (GOOD.removeprefix(HEAD), 1, "no header"),
    "a BOM": (b"\xef\xbb\xbf" + GOOD, 1, "no header"),
    "tampered": (GOOD.replace(ONE, CHANGED), 4, "sha256"),
    "tampered sums": (GOOD.replace(b"1500.01;45.00;1545.01", b"1500.02;45.00;1545.02"), 4, "sum is not"),
    "a total that does not add up": (GOOD.replace(b"45.00;1545.01", b"45.00;1545.02"), 2, "total"),
    "a line taken away": (GOOD.replace(ONE, b""), 3, "count"),
    "a field too many": (GOOD.replace(ONE, ONE[:-2] + b";\r\n"), 2, "no line of an operation"),
    "a bad field": (GOOD.replace(b";ACCEPTED;", b";DONE;"), 2, "status"),
    "an empty field": (GOOD.replace(b";beeline-kz;", b";;"), 2, "product"),
    "LF alone": (GOOD.replace(b"\r\n", b"\n"), 1, "CRLF"),
    "a CR within": (registry(ONE.replace(b"7011234567", b"701123\r567")), 2, "CRLF"),
    "not UTF-8": (registry(ONE.replace(b"7011234567", b"70112\xff4567")), 2, "UTF-8"),
    "a line without an end": (HEAD + b"D;" * 4000, 2, "too long"),
    "blank lines": (GOOD + b"\r\n", 5, "follows the trailer"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_it_is_refused_with_line_and_reason(name) -> None:
    body, line, reason = BROKEN[name]
    with pytest.raises(RegistryError, match=reason) as refused:
        taken(body)
    assert refused.value.line == line


@given(st.data())
def test_no_changed_byte_goes_unseen(data) -> None:
    at = data.draw(st.integers(0, len(GOOD) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != GOOD[at]))
    with pytest.raises(RegistryError):
        taken(GOOD[:at] + bytes([other]) + GOOD[at + 1 :])


def test_a_refusal_quotes_nothing_of_the_registry() -> None:
    with pytest.raises(RegistryError) as refused:
        taken(registry(ONE.replace(b"7011234567", b"4012345678909\r")))
    assert "4012" not in str(refused.value)


def test_who_has_a_better_memory_says_what_is_new() -> None:
    asked = []
    with pytest.raises(RegistryError, match="twice"):
        list(read([GOOD], Kind.TECH, is_new=lambda identifier: bool(asked.append(identifier))))
    assert asked == [operation(1).txn_id]


def test_a_closed_day_covers_a_day() -> None:
    head = HEAD.replace(b"TECH", b"DAY").replace(b"2026-11-22T13:30:00", b"2026-11-21T00:00:00")
    day = head.replace(b"2026-11-22T14:30:00+05:00", b"2026-11-22T00:00:00+05:00")
    assert len(taken(registry(ONE, head=day), Kind.DAY)) == 3
    with pytest.raises(RegistryError, match="a day"):
        taken(registry(ONE, head=head), Kind.DAY)
