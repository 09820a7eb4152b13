import ast
from typing import Any

LONGEST_FILE = 300
LONGEST_FUNCTION = 60

# path → why it is longer. A line that is no longer needed fails the test too.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}


def test_files_are_short(sources: list[Any]) -> None:
    lengths = {source.name: source.text.count("\n") for source in sources}
    too_long = {name: length for name, length in lengths.items() if length > LONGEST_FILE}
    assert {name: too_long[name] for name in too_long.keys() - LONG_FILES.keys()} == {}
    assert LONG_FILES.keys() - too_long.keys() == set()


def test_functions_are_short(sources: list[Any]) -> None:
    too_long = {
        f"{source.name}:{node.name}": length
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert {name: too_long[name] for name in too_long.keys() - LONG_FUNCTIONS.keys()} == {}
    assert LONG_FUNCTIONS.keys() - too_long.keys() == set()
