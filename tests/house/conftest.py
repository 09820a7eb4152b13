"""The tree as the house tests see it: every source file, read and parsed once."""

import ast
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.house import launcher_stage

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent", "gateway", "devices", "spool", "certs")
KEPT_DOT_FOLDERS = {".ci", ".locks"}
MADE_BY_TOOLS = {"__pycache__", "build", "dist"}


@dataclass(frozen=True)
class Source:
    """One Python file. `name` is its path from the top, with slashes."""

    name: str
    text: str
    tree: ast.Module

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call with the dotted name it is called by, as written."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node

    def imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module


def _files() -> Iterator[Path]:
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [
            name
            for name in subfolders
            if name not in MADE_BY_TOOLS
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name in KEPT_DOT_FOLDERS)
        ]
        yield from (Path(folder, name) for name in names)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Every file that is ours, dot files at the top included; absolute."""
    return sorted(_files())


@pytest.fixture(scope="session")
def sources(files: list[Path]) -> list[Source]:
    """Every Python file, tests included."""
    texts = {file: file.read_text() for file in files if file.suffix == ".py"}
    return [Source(file.relative_to(ROOT).as_posix(), text, ast.parse(text)) for file, text in texts.items()]


@pytest.fixture(scope="session")
def product(sources: list[Source]) -> list[Source]:
    """Every Python file of the five packages."""
    return [source for source in sources if source.name.split("/")[0] in PACKAGES]


@pytest.fixture(scope="session")
def pyproject() -> Mapping[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture
def stage(tmp_path: Path, root: Path) -> Iterator[launcher_stage.Stage]:
    with launcher_stage.set_up(tmp_path, root) as stage:
        yield stage
