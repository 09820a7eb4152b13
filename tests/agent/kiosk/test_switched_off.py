"""A provider that the bank has switched off is still there to be seen, and cannot be chosen in any way."""

import re
from dataclasses import replace

import pytest

from agent.kiosk import choices
from agent.kiosk.presses import Press, read
from agent.kiosk.screens import screen
from agent.kiosk.session import Stage
from agent.kiosk.wording import Wording
from tests.agent.kiosk import scenes

OFF = scenes.CATALOGUE.model_copy(update={"switched_off": ("samal",)})


def scene(stage, **session):
    return replace(scenes.scene(stage, **session), catalogue=OFF)


def test_its_button_says_so_in_the_customers_language_and_is_dead():
    page = Wording(scenes.FACTS).screen(screen(scene(Stage.PROVIDERS, group="internet-tv")))
    (button,) = re.findall(r'<button[^>]*data-value="samal"[^>]*>.*?</button>', page, re.DOTALL)
    assert " disabled" in button
    assert "Сейчас недоступно" in button


@pytest.mark.parametrize(
    ("stage", "action", "value"),
    [(Stage.PROVIDERS, "provider", "samal"), (Stage.PRODUCTS, "product", "samal-internet"), (Stage.SEARCH, "product", "samal-tv")],
)  # fmt: skip
def test_a_press_that_was_made_up_chooses_nothing(stage, action, value):
    assert read(scene(stage), Press(action, "life.1", value)) is None
    assert read(scenes.scene(stage), Press(action, "life.1", value)) is not None


def test_no_shortcut_leads_to_it_and_the_search_shows_it_as_it_is():
    assert choices.shortcuts(OFF, ["samal-internet", "kokjiek-mobile"], "ru")[0].value == "kokjiek-mobile"
    assert all(tile.off for tile in choices.found(OFF, "самал", "ru"))
