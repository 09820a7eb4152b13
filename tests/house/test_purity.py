"""Pure modules decide and translate: they reach neither a loop, nor a file, nor a clock."""

from fnmatch import fnmatch
from typing import Any

import grimp
import pytest
from importlinter.cli import lint_imports

PURE = (
    # what is said on a wire
    *("*/frames.py", "*/framing.py", "*/messages.py", "*/operations.py", "*/results.py", "*/fields.py"),
    *("*/opcodes.py", "*/codepages.py", "*/layout.py", "*/commands.py", "*/tlv.py", "*/tags.py"),
    # what decides
    *("*_states.py", "*/outcomes.py", "*/reconciliation.py", "*/deadlines.py", "*/reasons.py"),
    # what is counted and named
    *("*/money.py", "*/identifiers.py", "*/fees.py", "*/requisites.py", "*/masked_pan.py"),
    # ports, contracts and errors
    *("*/interfaces.py", "*/interface.py", "gateway/contract.py", "*/errors.py", "certs/expiry.py"),
)
OUTSIDE = {"asyncio", "aiohttp", "sqlite3", "apsw", "socket", "serial", "ssl", "subprocess", "threading"}
CLOCKS_AND_DICE = {"time", "secrets", "random"}
READS_THE_CLOCK = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "os.urandom"}


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


def test_a_pure_module_reads_no_clock_and_throws_no_dice(pure: list[Any]) -> None:
    impure = [
        f"{source.name} imports {name}"
        for source in pure
        for name in source.imports()
        if name in CLOCKS_AND_DICE
    ]
    impure += [
        f"{source.name}:{node.lineno} calls {name}"
        for source in pure
        for name, node in source.calls()
        if name.removeprefix("datetime.") in READS_THE_CLOCK or name in READS_THE_CLOCK
    ]
    assert impure == []


def test_every_pattern_of_a_pure_module_that_exists_is_found(pure: list[Any]) -> None:
    assert {"gateway/money.py", "devices/interfaces.py", "certs/expiry.py"} <= {
        source.name for source in pure
    }


def test_every_import_contract_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_imports(cache_dir=None) == 0, capsys.readouterr().out


def _module(source: Any) -> str:
    return source.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
