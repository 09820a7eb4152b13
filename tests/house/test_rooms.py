"""Who may import whom: the contracts of pyproject.toml (DESIGN §4)."""

import pytest
from importlinter.cli import lint_imports


def test_every_import_contract_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_imports(cache_dir=None) == 0, capsys.readouterr().out
