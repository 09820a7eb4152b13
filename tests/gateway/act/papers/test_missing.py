from importlib import import_module

import pytest

from gateway.act.papers.missing import PapersMissingError, told_when_missing


def test_without_the_extra_a_sentence_says_what_is_missing() -> None:
    with (
        pytest.raises(PapersMissingError, match="PDF cannot be made here: No module named"),
        told_when_missing("PDF"),
    ):
        import_module("no_such_package")


def test_a_library_of_the_system_is_told_of_in_one_line() -> None:
    with pytest.raises(PapersMissingError) as told, told_when_missing("PDF"):
        raise OSError("cannot load library 'libpango-1.0-0'\nand much more")
    assert str(told.value) == "PDF cannot be made here: cannot load library 'libpango-1.0-0'"
    assert "libpango-1.0-0" in told.value.to_do
