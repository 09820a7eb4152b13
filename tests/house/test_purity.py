"""Pure modules decide and translate: they reach neither a loop, nor a file, nor a clock."""

from fnmatch import fnmatch
from typing import Any

import grimp
import pytest

PURE = (
    # what is said on a wire
    *("*/frames.py", "*/framing.py", "*/messages.py", "*_messages.py", "*/operations.py", "*/results.py"),
    *("*/fields.py", "*_fields.py", "*/opcodes.py", "*/codepages.py", "*/layout.py", "devices/*/commands.py"),
    *("*/tlv.py", "*/tags.py", "*/xml.py", "*/codec.py", "*/raster.py", "*/decoder.py", "*/typeset.py"),
    # what decides
    *(
        "*_states.py",
        "*/state_table.py",
        "*_rules.py",
        "agent/journeys/bill.py",
        "agent/journeys/merchant_sale.py",
        "*/outcomes.py",
    ),
    *("agent/kiosk/session.py", "agent/kiosk/sc*.py", "agent/kiosk/choices.py", "agent/kiosk/typed.py"),
    *(
        "agent/kiosk/presses.py",
        "agent/kiosk/answers.py",
        "agent/scanned.py",
        "agent/slip.py",
        "agent/orders.py",
    ),
    *("devices/port_names.py", "devices/actions.py", "devices/witness.py"),
    *(
        "*/reconciliation.py",
        "*/deadlines.py",
        "*/reasons.py",
        "spool/schedule.py",
        "spool/breaker.py",
        "spool/agenda.py",
    ),
    *("spool/clock.py", "gateway/registry/window.py", "gateway/registry/reading.py"),
    *("gateway/act/month.py", "gateway/act/facts.py", "gateway/act/document.py", "gateway/act/composed.py"),
    *("gateway/office/calendar.py", "gateway/office/chart.py", "gateway/office/words.py"),
    *("gateway/act/spelled.py", "gateway/act/eport_act.py", "gateway/act/protocol.py"),
    # ISO 20022: messages, their tables, and documents as bytes
    "gateway/iso20022/*.py",
    # C2B2E: what decides, for both banks
    *("gateway/c2b2e/payer.py", "gateway/c2b2e/payee.py", "gateway/c2b2e/answers.py"),
    *("gateway/c2b2e/links.py", "gateway/c2b2e/qr.py"),
    # what is counted, named and printed
    *("*/money.py", "*/identifiers.py", "gateway/providers/*.py", "*/masked_pan.py", "*/receipt*.py"),
    # ports, contracts and errors
    *(
        "*/interfaces.py",
        "*/interface.py",
        "*/ports.py",
        "gateway/contract.py",
        "gateway/transfer_contract.py",
        "*/errors.py",
    ),
    # signed documents: all but the files that say whom to believe
    *("certs/documents.py", "certs/signature_form.py", "certs/refusals.py"),
    *("certs/algorithms.py", "certs/chains.py"),
    *("gateway/problems.py", "certs/expiry.py", "gateway/sandbox/pin.py", "gateway/sandbox/faults.py"),
)
OUTSIDE = {"asyncio", "aiohttp", "sqlite3", "apsw", "socket", "serial", "ssl", "subprocess", "threading"}
CLOCKS_AND_ENTROPY = {"time", "secrets"}
READS_THE_CLOCK = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("datetime.datetime.now", "datetime.date.today", "os.urandom", "uuid.uuid4"),
}


@pytest.fixture(scope="session")
def pure(product: list[Any]) -> list[Any]:
    return [source for source in product if any(fnmatch(source.name, pattern) for pattern in PURE)]


def test_a_pure_module_reaches_nothing_outside_through_any_of_our_modules(pure: list[Any]) -> None:
    graph = grimp.build_graph(
        *("agent", "gateway", "devices", "spool", "certs"),
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )
    reached = [
        " → ".join(graph.find_shortest_chain(module, outside))
        for module in map(_module, pure)
        for outside in graph.find_upstream_modules(module) & OUTSIDE
    ]
    assert reached == []


def test_a_pure_module_reads_no_clock_and_no_entropy(pure: list[Any]) -> None:
    impure = [
        f"{source.name} imports {name}"
        for source in pure
        for name in source.imports()
        if name in CLOCKS_AND_ENTROPY
    ]
    impure += [
        f"{source.name}:{node.lineno} calls {name}"
        for source in pure
        for name, node in source.calls()
        if name in READS_THE_CLOCK
    ]
    assert impure == []


def test_every_pattern_of_a_pure_module_that_exists_is_found(pure: list[Any]) -> None:
    assert {"gateway/money.py", "devices/interfaces.py", "certs/expiry.py"} <= {
        source.name for source in pure
    }


def _module(source: Any) -> str:
    return source.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
