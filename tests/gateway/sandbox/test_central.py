"""The bank's central system: the same files, kind BANK, in a book of its own."""

from dataclasses import replace
from typing import Any

import pytest


async def test_it_imports_the_banks_own_registry(
    central_client: Any, registries: Any, sandbox: Any, log_line: Any
) -> None:
    body = registries.file(registries.line(), kind="BANK")
    first, again = [await central_client.send(body) for _ in range(2)]
    assert (first.status, first.acknowledged["registry_id"]) == (200, "10001-BANK-7")
    assert first.body == again.body
    assert [(row.txn_id, row.total) for row in sandbox.central_rows()] == [("26112200000001234567", 154500)]
    assert sandbox.eport_registry_rows() == []
    assert log_line("central")["identifier"] == "10001-BANK-7"


async def test_a_technical_registry_is_not_its_own(central_client: Any, registries: Any) -> None:
    refused = await central_client.send(registries.file(registries.line()))
    assert (refused.status, refused.rule) == (400, ("kind", "line 1, kind"))


async def test_nobody_enters_without_a_certificate(central_client: Any, registries: Any) -> None:
    with pytest.raises(OSError):
        await replace(central_client, identity=None).send(registries.file(kind="BANK"))


async def test_a_certificate_speaks_for_its_own_point(
    central_client: Any, impostor: Any, registries: Any
) -> None:
    stranger = replace(central_client, identity=impostor.identity)
    assert (await stranger.send(registries.file(kind="BANK"))).status == 403


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/registry", 405), ("POST", "/bank_payment", 404)]
)
async def test_other_addresses_are_refused(
    method: str, path: str, status: int, central_client: Any, log_line: Any
) -> None:
    assert (await central_client.send(b"", method=method, path=path)).status == status
    assert log_line("central")["rule"] == "address"


async def test_its_faults_are_its_own(
    central_client: Any, registry_client: Any, registries: Any, fault_next: Any
) -> None:
    fault_next("5xx", "before", wire="central")
    assert (await registry_client.send(registries.file())).status == 200
    assert (await central_client.send(registries.file(kind="BANK"))).status == 500
    assert (await central_client.send(registries.file(kind="BANK"))).status == 200
