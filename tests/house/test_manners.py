"""What a test may not do, and what every exception must say."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SLEEPERS: dict[str, str] = {}  # path → why nothing better than time.sleep can be waited for
PATCHERS: dict[str, str] = {}  # path → whose code is patched, and why no port reaches it

DIRECTIVE = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type: ignore(?:\[[\w, -]+\])?)")
A_REASON = re.compile(r"[^\W\d]{4,}")


def test_no_test_sleeps_with_a_hope(sources: list[Any]) -> None:
    sleepers = {
        source.name
        for source in sources
        if source.name.startswith("tests/") and any(name == "time.sleep" for name, _ in source.calls())
    }
    assert sleepers == SLEEPERS.keys()


def test_no_test_mocks_or_patches(sources: list[Any]) -> None:
    patchers = {
        source.name
        for source in sources
        if source.name.startswith("tests/")
        and (
            any(name.split(".")[:2] in (["unittest", "mock"], ["mock"]) for name in source.imports())
            or any(name in ("monkeypatch.setattr", "mocker.patch") for name, _ in source.calls())
        )
    }
    assert patchers == PATCHERS.keys()


def test_every_exception_to_lint_and_types_says_why(sources: list[Any]) -> None:
    silent = [
        f"{source.name}:{line}: {comment}"
        for source in sources
        for line, comment in _comments(source.text)
        if DIRECTIVE.search(comment) and not A_REASON.search(DIRECTIVE.sub("", comment))
    ]
    assert silent == []


def test_every_ignored_rule_in_pyproject_says_why(root: Path) -> None:
    lines = (root / "pyproject.toml").read_text().splitlines()
    begins = lines.index("ignore = [")
    ends = lines.index("]", begins)
    rules = [line for line in lines[begins + 1 : ends] if line.strip()]
    per_file = [line for line in lines if re.match(r'\s+"[A-Z]+\d*",', line)]
    assert [line for line in rules + per_file if not A_REASON.search(line.partition("#")[2])] == []


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
