import ast
import re
from pathlib import Path
from typing import Any

TOP_LEVEL = {
    *("agent", "gateway", "devices", "spool", "certs", "tests", "docs"),
    *("pyproject.toml", "README.md", "tolem", "LICENSE", "CHANGELOG.md"),
}
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "manager", "managers", "base", "misc"}
MAP_LINE = re.compile(r"^\s*(?:[-*] )?((?:`[\w./]+`(?:, |,? and | · )?)+)  ", re.MULTILINE)


def test_the_top_level_holds_the_rooms_and_little_else(root: Path) -> None:
    made_by_tools = {"build", "dist"}
    shown = {path.name for path in root.iterdir() if not path.name.startswith(".")}
    extra = {name for name in shown - made_by_tools if not name.endswith(".egg-info")}
    assert extra <= TOP_LEVEL


def test_no_module_has_a_name_that_says_nothing(sources: list[Any]) -> None:
    bad = [
        source.name
        for source in sources
        if {part.removesuffix(".py").strip("_") for part in source.name.split("/")} & SAYS_NOTHING
    ]
    assert bad == []


def test_every_package_has_a_map(product: list[Any]) -> None:
    without = [
        source.name
        for source in product
        if source.name.endswith("/__init__.py") and not ast.get_docstring(source.tree)
    ]
    assert without == []


def test_a_map_names_only_what_exists(product: list[Any], root: Path) -> None:
    lost = []
    for source in product:
        if source.name.endswith("/__init__.py"):
            package = (root / source.name).parent
            docstring = ast.get_docstring(source.tree, clean=False) or ""
            lost += [
                f"{source.name}: `{name}`"
                for line in MAP_LINE.findall(docstring)
                for name in re.findall(r"`([\w./]+)`", line)
                if not _exists(package, name)
            ]
    assert lost == []


def _exists(package: Path, name: str) -> bool:
    direct = package / name
    return direct.exists() or (package / f"{name.replace('.', '/')}.py").exists()
