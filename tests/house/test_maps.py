"""A package's map leads to every one of its modules (STYLE, habits)."""

import ast
import re
from pathlib import Path
from typing import Any


def test_a_map_leaves_no_module_out(product: list[Any], root: Path) -> None:
    left_out = [
        f"{source.name}: {', '.join(sorted(missing))}"
        for source in product
        if source.name.endswith("/__init__.py")
        and (missing := _modules(root / source.name) - _named(ast.get_docstring(source.tree) or ""))
    ]
    assert left_out == []


def _modules(init: Path) -> set[str]:
    files = {path.stem for path in init.parent.glob("*.py") if not path.name.startswith("__")}
    return files | {path.parent.name for path in init.parent.glob("*/__init__.py")}


def _named(docstring: str) -> set[str]:
    return {re.split(r"[./]", name)[0] for name in re.findall(r"`([\w./]+)`", docstring)}
