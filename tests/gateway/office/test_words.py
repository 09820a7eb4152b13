import re
from importlib.resources import files

import pytest

from gateway.office import words
from gateway.reconciliation.decision_rules import Decision
from gateway.reconciliation.matching import Class

TEMPLATES = files("gateway.office") / "templates"


@pytest.mark.parametrize("table", [words.WORDS, words.STANDINGS, words.CLASSES, words.DECISIONS])
def test_everything_is_said_in_three_languages(table) -> None:
    assert [name for name, text in table.items() if not all(part.strip() for part in text)] == []


def test_every_class_and_decision_has_its_words() -> None:
    assert {one.value for one in Class} <= words.CLASSES.keys()
    assert {one.value for one in Decision} <= words.DECISIONS.keys()


def test_templates_say_only_what_there_is_and_everything_is_said() -> None:
    said = {
        word
        for path in TEMPLATES.iterdir()
        for word in re.findall(r'say\("(\w+)"\)', path.read_text("utf-8"))
    }
    in_code = {"old_page", "wrong", "locked", "nobody", "closed_now", "decided"}
    assert said <= words.WORDS.keys()
    assert words.WORDS.keys() - said - in_code == set()
