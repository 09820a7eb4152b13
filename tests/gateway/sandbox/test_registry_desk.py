"""Registries as e-port takes them: whole with an acknowledgement, or not at all with line and reason."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from gateway.sandbox.registry_rules import RegistryRule

SECOND = "26112200000001234568"


async def test_a_registry_is_acknowledged_by_count_sums_and_hash(
    registry_client: Any, registries: Any, sandbox: Any
) -> None:
    body = registries.file(registries.line(), registries.line(SECOND, status="PENDING", finished_at=""))
    answer = await registry_client.send(body)
    assert answer.status == 200
    assert answer.acknowledged == {
        "registry_id": "10001-TECH-7",
        "count": "2",
        "sum": "3000.00",
        "fee": "90.00",
        "total": "3090.00",
        "sha256": sha256(body).hexdigest(),
    }
    first, second = sandbox.eport_registry_rows()
    assert (first.txn_id, first.total, first.status, first.eport_id) == (
        "26112200000001234567",
        154500,
        "ACCEPTED",
        "900000417",
    )
    assert (second.status, second.finished_at) == ("PENDING", None)


async def test_an_empty_window_is_a_registry(registry_client: Any, registries: Any) -> None:
    acknowledged = (await registry_client.send(registries.file())).acknowledged
    assert (acknowledged["count"], acknowledged["total"]) == ("0", "0.00")


async def test_the_same_file_gets_the_same_acknowledgement_and_is_imported_once(
    registry_client: Any, registries: Any, sandbox: Any
) -> None:
    body = registries.file(registries.line())
    first, second = [await registry_client.send(body) for _ in range(2)]
    assert first.body == second.body
    assert [row.told for row in sandbox.eport_registry_rows()] == [1]


async def test_other_bytes_under_a_used_id_are_409_and_change_nothing(
    registry_client: Any, registries: Any, sandbox: Any
) -> None:
    await registry_client.send(registries.file(registries.line()))
    before = sandbox.eport_registry_rows()
    other = await registry_client.send(registries.file(registries.line(status="REFUSED")))
    assert (other.status, other.rule) == (409, ("content", "Registry-Id"))
    assert sandbox.eport_registry_rows() == before


async def test_overlapping_windows_import_an_operation_once_as_it_was_last(
    registry_client: Any, registries: Any, sandbox: Any
) -> None:
    pending = registries.line(status="PENDING", result="90", finished_at="", eport_id="")
    await registry_client.send(registries.file(pending))
    await registry_client.send(registries.file(registries.line(), n=8, to="2026-11-22T14:30:00+05:00"))
    (row,) = sandbox.eport_registry_rows()
    assert (row.status, row.result, row.first_n, row.last_n, row.told) == ("ACCEPTED", "0", 7, 8, 2)


async def test_a_window_that_comes_late_changes_nothing_of_its_successors(
    registry_client: Any, registries: Any, sandbox: Any
) -> None:
    await registry_client.send(registries.file(registries.line(), n=8, to="2026-11-22T14:30:00+05:00"))
    pending = registries.line(status="PENDING", result="90", finished_at="")
    assert (await registry_client.send(registries.file(pending))).status == 200
    (row,) = sandbox.eport_registry_rows()
    assert (row.status, row.first_n, row.last_n) == ("ACCEPTED", 7, 8)


Change = Callable[[Any], bytes]


def _line(**change: str) -> Change:
    return lambda it: it.file(it.line(SECOND), it.line(**change))


def _bytes(old: bytes, new: bytes) -> Change:
    return lambda it: it.file(it.line()).replace(old, new)


def _trailer(place: int, value: str) -> Change:
    def changed(line: str) -> str:
        values = line.split(";")
        return ";".join([*values[:place], value, *values[place + 1 :]])

    return lambda it: it.file(it.line(), trailer=changed)


HEAD = "H;1;TECH;10001;10001-TECH-7;2026-11-22T13:00:00+05:00;2026-11-22T14:00:00+05:00;KZT;2026-11-22T14:00:03+05:00"
BROKEN: list[tuple[RegistryRule, str, Change]] = [
    (RegistryRule.VALUE, "line 3, terminal", _line(terminal="ATM000170")),
    (RegistryRule.VALUE, "line 3, product", _line(product="Beeline")),
    (RegistryRule.VALUE, "line 3, account", _line(account="")),
    (RegistryRule.VALUE, "line 3, sum", _line(sum="1500")),
    (RegistryRule.VALUE, "line 3, sum", _line(sum="01500.00")),
    (RegistryRule.VALUE, "line 3, accepted_at", _line(accepted_at="2026-11-22T13:05:09")),
    (RegistryRule.VALUE, "line 3, accepted_at", _line(accepted_at="2026-02-30T13:05:09+05:00")),
    (RegistryRule.VALUE, "line 3, finished_at", _line(finished_at="2026-11-22T13:05:11.5+05:00")),
    (RegistryRule.VALUE, "line 3, status", _line(status="PAID")),
    (RegistryRule.VALUE, "line 3, rrn", _line(rrn="63260000123")),
    (RegistryRule.VALUE, "line 3, tool", _line(tool="CASH")),
    (RegistryRule.VALUE, "line 3, txn_id", lambda it: it.file(it.line(SECOND), it.line("1234"))),
    (RegistryRule.VALUE, "line 1, version", lambda it: it.file(head=HEAD.replace("H;1", "H;2"))),
    (RegistryRule.VALUE, "line 1, currency", lambda it: it.file(head=HEAD.replace("KZT", "USD"))),
    (RegistryRule.VALUE, "line 1, registry_id", lambda it: it.file(n=0)),
    (RegistryRule.FIELDS, "line 3", _line(account="701;1234")),
    (RegistryRule.FIELDS, "line 2", _bytes(b";CARD", b"")),
    (RegistryRule.FIELDS, "line 1", lambda it: it.file(head=HEAD + ";")),
    (RegistryRule.RECORD, "line 1", _bytes(b"H;1", b"h;1")),
    (RegistryRule.RECORD, "line 3", _bytes(b"T;1;", b"D;1;")),
    (RegistryRule.RECORD, "line 2", lambda it: it.file(it.line()).split(b"\r\n")[0] + b"\r\n"),
    (RegistryRule.RECORD, "line 1", lambda _: b""),
    (RegistryRule.RECORD, "line 2", lambda it: it.file(it.line()).rsplit(b"T;", 1)[0]),  # truncated between lines
    (RegistryRule.RECORD, "line 3", lambda it: it.file(it.line()) * 2),  # a file written twice
    (RegistryRule.LINE_END, "line 3", lambda it: it.file(it.line())[:-2]),
    (RegistryRule.LINE_END, "line 1", lambda it: it.file(it.line()).replace(b"\r\n", b"\n")),
    (RegistryRule.LINE_END, "line 3", _line(account="70\r1")),
    (RegistryRule.ENCODING, "line 1", lambda it: b"\xef\xbb\xbf" + it.file(it.line())),
    (RegistryRule.ENCODING, "line 2", _bytes(b"7011234567", "Алия".encode("cp1251"))),
    (RegistryRule.KIND, "line 1, kind", lambda it: it.file(kind="BANK")),
    (RegistryRule.KIND, "line 1, kind", lambda it: it.file(kind="DAY")),
    (RegistryRule.ID, "line 1, registry_id", lambda it: it.file(head=HEAD.replace("10001-TECH", "10002-TECH"))),
    (RegistryRule.WINDOW, "line 1, from and to", lambda it: it.file(to="2026-11-22T14:15:00+05:00")),
    (RegistryRule.WINDOW, "line 1, from and to", lambda it: it.file(to="2026-11-22T14:00:01+05:00")),
    (RegistryRule.WINDOW, "line 1, from and to", lambda it: it.file(from_="2026-11-22T13:30:00+05:00")),
    (RegistryRule.DOUBLED, "line 3, txn_id", lambda it: it.file(it.line(), it.line())),
    (RegistryRule.SUM_POSITIVE, "line 3, sum", _line(sum="0.00", fee="0.00", total="0.00")),
    (RegistryRule.TOTAL, "line 3, total", _line(total="1545.01")),
    (RegistryRule.ACCEPTED_AT, "line 3, accepted_at", _line(accepted_at="2026-11-22T14:00:00+05:00")),
    (RegistryRule.COUNT, "line 3, count", _trailer(1, "2")),
    (RegistryRule.TOTALS, "line 3, sum", _trailer(2, "1500.01")),
    (RegistryRule.TOTALS, "line 3, fee", _trailer(3, "0.00")),
    (RegistryRule.TOTALS, "line 3, total", _trailer(4, "1500.00")),
    (RegistryRule.SHA256, "line 3, sha256", _trailer(5, "0" * 64)),
    (RegistryRule.SHA256, "line 3, sha256", _bytes(b"ATM00017", b"ATM00018")),  # tampered with
]  # fmt: skip


@pytest.mark.parametrize(("rule", "where", "change"), BROKEN, ids=lambda it: getattr(it, "name", None))
async def test_a_broken_registry_is_refused_whole_with_line_and_reason(
    *,
    rule: RegistryRule,
    where: str,
    change: Change,
    registry_client: Any,
    registries: Any,
    sandbox: Any,
    log_line: Any,
) -> None:
    refused = await registry_client.send(change(registries))
    assert (refused.status, refused.rule) == (400, (rule.name.lower(), where))
    assert sandbox.eport_registry_rows() == []
    line = log_line("eport")
    assert (line["verdict"], line["rule"], line["place"]) == ("http 400", rule.name.lower(), where)
    assert (await registry_client.send(registries.file(registries.line()))).status == 200


@pytest.mark.parametrize(
    ("change", "status", "rule"),
    [
        ({"Content_Type": "text/csv"}, 415, ("media_type", "Content-Type")),
        ({"Content_Type": "application/xml; charset=utf-8"}, 415, ("media_type", "Content-Type")),
        ({"Registry_Id": "10001-TECH-8"}, 400, ("id", "Registry-Id")),
        ({"Registry_Id": None}, 400, ("id", "Registry-Id")),
        ({"Repr_Digest": None}, 400, ("digest", "Repr-Digest")),
        ({"Repr_Digest": "sha-256=:AAAA:"}, 400, ("digest", "Repr-Digest")),
        ({"Content_Disposition": None}, 400, ("file_name", "Content-Disposition")),
        ({"Content_Disposition": 'attachment; filename="EP_10001_TECH_7.csv"'}, 400, ("file_name", "Content-Disposition")),
    ],
)  # fmt: skip
async def test_headers_that_do_not_fit_the_file_are_refused(
    change: Any, status: int, rule: Any, registry_client: Any, registries: Any, sandbox: Any
) -> None:
    refused = await registry_client.send(registries.file(registries.line()), **change)
    assert (refused.status, refused.rule) == (status, rule)
    assert sandbox.eport_registry_rows() == []


@pytest.mark.parametrize("point", ["10002", "77777"])
async def test_another_points_registry_is_403(point: str, registry_client: Any, registries: Any) -> None:
    refused = await registry_client.send(registries.file(registries.line(), point=point))
    assert (refused.status, refused.rule) == (403, ("point", "line 1, point"))


@pytest.mark.parametrize(
    ("n", "to"), [(8, "2026-11-22T14:00:00+05:00"), (8, "2026-11-22T15:00:00+05:00"), (6, "2026-11-22T14:30:00+05:00")]
)  # fmt: skip
async def test_an_n_that_does_not_count_windows_is_refused(
    n: int, to: str, registry_client: Any, registries: Any
) -> None:
    await registry_client.send(registries.file())
    refused = await registry_client.send(registries.file(n=n, to=to))
    assert (refused.status, refused.rule) == (400, ("number", "line 1, registry_id"))


async def test_an_instant_is_an_instant_whatever_its_offset(registry_client: Any, registries: Any) -> None:
    await registry_client.send(registries.file())
    in_utc = registries.file(n=8, to="2026-11-22T09:30:00+00:00", from_="2026-11-22T08:30:00+00:00")
    assert (await registry_client.send(in_utc)).status == 200


async def test_an_operation_that_came_back_with_another_sum_refuses_the_file(
    registry_client: Any, registries: Any, sandbox: Any
) -> None:
    await registry_client.send(registries.file(registries.line()))
    before = sandbox.eport_registry_rows()
    other = registries.file(
        registries.line(SECOND),
        registries.line(sum="1.00", total="46.00"),
        n=8,
        to="2026-11-22T14:30:00+05:00",
    )
    refused = await registry_client.send(other)
    assert (refused.status, refused.rule) == (400, ("operation", "line 3, sum"))
    assert sandbox.eport_registry_rows() == before


@pytest.mark.parametrize("name", ["silence", "cut"])
@pytest.mark.parametrize(("position", "count"), [("before", 0), ("after", 1)])
async def test_no_acknowledgement_comes_and_the_repeat_gets_it(
    *,
    name: str,
    position: str,
    count: int,
    registry_client: Any,
    registries: Any,
    sandbox: Any,
    fault_next: Any,
) -> None:
    fault_next(name, position, wire="eport", operation="registry", identifier="10001-TECH-7")
    body = registries.file(registries.line())
    with pytest.raises(ConnectionError):
        await registry_client.send(body)
    assert len(sandbox.eport_registry_rows()) == count
    assert (await registry_client.send(body)).acknowledged["count"] == "1"
    assert [row.told for row in sandbox.eport_registry_rows()] == [1]


@pytest.mark.parametrize(("name", "position", "status"), [
    ("5xx", "before", 500), ("refuse", "before", 403), ("refuse", "after", 403),
    ("delay", "before", 200), ("delay", "after", 200), ("duplicate", "before", 200),
])  # fmt: skip
async def test_named_faults_of_a_registry(
    *,
    name: str,
    position: str,
    status: int,
    registry_client: Any,
    registries: Any,
    fault_next: Any,
    log_line: Any,
) -> None:
    fault_next(name, position, operation="registry")
    answer = await asyncio.create_task(registry_client.send(registries.file(registries.line())))
    assert (answer.status, log_line("eport")["fault"]) == (status, f"{name} {position}")


async def test_garbage_can_be_a_good_acknowledgement_of_another_registry(
    registry_client: Any, registries: Any, fault_next: Any
) -> None:
    fault_next("garbage", "after", operation="registry", dice=4)
    answer = await registry_client.send(registries.file(registries.line()))
    assert answer.acknowledged["registry_id"] == "10001-TECH-999999"


async def test_every_rule_has_a_test_that_breaks_it() -> None:
    elsewhere = {
        RegistryRule.TOO_LARGE,  # 64 MiB are not sent for the sake of a test
        RegistryRule.MEDIA_TYPE,
        RegistryRule.POINT,
        RegistryRule.CONTENT,
        RegistryRule.DIGEST,
        RegistryRule.FILE_NAME,
        RegistryRule.NUMBER,
        RegistryRule.OPERATION,
    }
    assert {rule for rule, _, _ in BROKEN} | elsewhere == set(RegistryRule)
