"""Every alarm that the code raises stands in docs/alarms.md, and none that nobody raises."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from gateway.api.terminal_events import _ALARMS as OF_TERMINALS
from gateway.certificates.expiry_alarms import THRESHOLDS

RAISE = frozenset({"raise_alarm", "_raise_alarm", "_alarm", "Cell"})
EXPIRY = {f"certificate_ends_in_{days}_days" for days in THRESHOLDS} | {"certificate_expired"}


def constants(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[node.target.id] = value.value
    return found


def told_by(node: ast.expr, named: dict[str, str]) -> Iterator[str]:
    """The text that an expression comes to; a part that is only known then is `…`."""
    match node:
        case ast.Constant(value=str(value)):
            yield value
        case ast.Name(id=name) if name in named:
            yield named[name]
        case ast.JoinedStr(values=parts):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in parts)
        case ast.IfExp(body=body):
            yield from told_by(body, named)


def names_of(node: ast.AST) -> Iterator[ast.expr]:
    """What is given to `raise_alarm` and its like or as `alarm=`, and what is chosen for it."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=given, keywords=keywords):
            yield from given[:2] if name in RAISE else []
            yield from (keyword.value for keyword in keywords if keyword.arg == "alarm")
        case ast.Assign(targets=[ast.Name(id="alarm")], value=value):
            yield value
        case ast.Return(value=ast.IfExp(body=ast.JoinedStr() as body)):
            yield body


def raised(tree: ast.Module) -> Iterator[str]:
    named = constants(tree)
    for node in ast.walk(tree):
        for name in names_of(node):
            yield from told_by(name, named)


def word(name: str) -> bool:
    return re.fullmatch(r"[a-z]+(_[a-z0-9…]+)+", name) is not None


def in_code(root: Path) -> set[str]:
    files = [path for room in ("gateway", "agent") for path in (root / room).rglob("*.py")]
    trees = [ast.parse(path.read_text("utf-8")) for path in files if "sandbox" not in path.parts]
    return {name for tree in trees for name in raised(tree) if word(name)}


def in_document(root: Path) -> set[str]:
    rows = re.findall(r"^\| (`.*?) \|", (root / "docs/alarms.md").read_text("utf-8"), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_alarm_that_the_code_raises_is_told(root: Path) -> None:
    told = in_document(root) | EXPIRY
    found = in_code(root)
    assert len(found) > 20, "it finds them"
    assert found | set(OF_TERMINALS.values()) <= told


def test_no_alarm_is_told_that_nobody_raises(root: Path) -> None:
    texts = [p.read_text("utf-8") for room in ("gateway", "agent") for p in (root / room).rglob("*.py")]
    code = "\n".join(texts)
    known = set(OF_TERMINALS.values()) | EXPIRY
    for name in in_document(root) - known:
        assert name.removeprefix("alarm.").partition("…")[0] in code, name
