"""The screen is a function of the scene: every scene, in every language."""

import re
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from agent.journeys.bill import FINAL, Ending, State
from agent.kiosk.answers import answer_of
from agent.kiosk.presses import Press, read
from agent.kiosk.scene import Ask, Question
from agent.kiosk.screens import SCREENS, Patience, screen
from agent.kiosk.session import Mode, Stage
from agent.kiosk.wording import Wording
from agent.texts import receipt
from agent.texts.amounts import amount_text
from tests.agent.kiosk import scenes

NAMES = sorted(scenes.every("ru"))
ALWAYS = {"mode"}
HEARD_BY_THE_ATTENDANT = {"again", "cancel", "change", "stay", "mode"}
MONEY_MOVES = {"paying", "printing", "take_card"}


@cache
def wording():
    return Wording(scenes.FACTS)


def html(scene):
    return wording().screen(screen(scene))


def presses(page):
    """Every button's action and value."""
    buttons = re.findall(r"<button[^>]*data-action=[^>]*>", page)
    return [
        (re.search(r'data-action="(\w+)"', it)[1], (re.search(r'data-value="([^"]*)"', it) or ["", ""])[1])
        for it in buttons
    ]


@pytest.mark.parametrize(("name", "language"), list(product(NAMES, scenes.LANGUAGES)))
def test_every_screen_has_its_name_its_language_a_heading_and_a_way_on(name, language):
    scene = scenes.every(language)[name]
    drawn = screen(scene)
    page = html(scene)
    assert drawn.name == name.partition(".")[0]
    assert f'data-screen="{drawn.name}" data-seq="life.1" lang="{language}"' in page
    assert len(re.findall(r"<h1[^>]*>\s*\S", page)) == 1
    ways_on = {action for action, _ in presses(page)} - ALWAYS
    assert ways_on or drawn.patience is Patience.ENDLESS
    assert "style=" not in page
    assert "onclick" not in page


def test_every_screen_of_the_list_has_a_scene():
    assert {name.partition(".")[0] for name in NAMES} == SCREENS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_every_button_means_something_where_it_stands(name):
    scene = scenes.every("kk")[name]
    for action, value in presses(html(scene)):
        heard = (
            action in HEARD_BY_THE_ATTENDANT
            or answer_of(scene, action, value) is not None
            or read(scene, Press(action, scene.seq, value)) is not None
        )
        assert heard, (action, value)


@pytest.mark.parametrize("name", NAMES)
def test_no_two_buttons_of_a_screen_share_a_key(name):
    keys = [
        key
        for keys in re.findall(r'data-keys="([^"]*)"', html(scenes.every("en")[name]))
        for key in keys.split()
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("state", "ending"), list(product(State, [None, *Ending])))
def test_every_state_of_a_journey_has_a_screen(state, ending):
    stage = Stage.OVER if state in FINAL else Stage.PAYING
    lived = scenes.journey(state, "ru", ending=ending)
    scene = scenes.scene(stage, lived=lived, product="samal-internet")
    assert screen(scene).name in SCREENS
    assert html(scene)


@pytest.mark.parametrize("ask", Ask)
def test_every_question_of_a_journey_has_a_screen_that_answers_it(ask):
    lived = scenes.journey(State.OFFERED, "en", ending=Ending.PAID if ask is Ask.RECEIPT else None)
    scene = scenes.scene(
        Stage.PAYING, lived=lived, question=Question(ask, ("VISA",)), product="samal-internet"
    )
    answers = [answer_of(scene, action, value or "1500") for action, value in presses(html(scene))]
    assert any(answer is not None and answer.ask is ask and answer.fault is None for answer in answers)


@pytest.mark.parametrize("name", sorted(MONEY_MOVES))
def test_while_money_moves_nothing_is_asked_and_nothing_can_be_cancelled(name):
    scene = scenes.every("ru")[name]
    assert screen(scene).patience is Patience.ENDLESS
    assert {action for action, _ in presses(html(scene))} == ALWAYS


def test_a_payment_whose_record_could_not_be_kept_is_never_called_unpaid():
    lived = scenes.journey(State.SENDING, "ru", payment_id=scenes.PAYMENT_ID)
    assert screen(scenes.scene(Stage.OVER, lived=lived)).name == "in_processing"


def test_in_processing_says_do_not_pay_again_with_number_and_phone():
    page = html(scenes.every("ru")["in_processing"])
    for told in ("Не платите повторно!", "6326\u00a00000\u00a01234", "+7\u00a0700\u00a0000\u00a000\u00a000"):
        assert told in page


@pytest.mark.parametrize("language", scenes.LANGUAGES)
def test_before_consent_the_sum_the_fee_and_the_total_are_shown(language):
    page = html(scenes.every(language)["review"])
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", page))
    words = [word.to(language) for word in (receipt.AMOUNT, receipt.FEE, receipt.TOTAL)]
    offered = scenes.journey(State.OFFERED, language)
    sums = [amount_text(it.amount(), language) for it in (offered.amount, offered.fee, offered.total)]
    assert [shown[word] for word in words] == sums


def test_refused_says_that_nothing_was_taken_and_why():
    page = html(scenes.every("kk")["refused"])
    assert "Картаңыздан ақша алынған жоқ." in page
    assert "Картада қаражат жеткіліксіз." in page


def test_a_pulled_card_is_not_told_as_the_word_of_its_bank():
    page = html(scenes.every("en")["refused.card"])
    assert "taken out too early" in page
    assert "bank that issued" not in page


def test_a_devices_words_for_staff_are_not_told_to_the_customer():
    pulled = scenes.every("ru")["refused.card"]
    detail = "pulled while its holder was asked"
    assert detail not in html(replace(pulled, journey=pulled.journey.model_copy(update={"comment": detail})))
    assert "Счёт не найден" in html(scenes.every("kk")["refused.check"]), "the provider's are"


def test_a_debt_is_offered_as_one_press_only_where_it_may_be_paid_at_once():
    assert ("amount", "debt") in presses(html(scenes.every("ru")["amount"]))
    too_large = html(scenes.every("ru")["amount.debt_too_large"])
    assert ("amount", "debt") not in presses(too_large)
    assert "<dt>Долг</dt>" in too_large
    assert "Долг" not in html(scenes.every("ru")["amount.no_debt"])


def test_an_example_of_a_number_has_the_comma_that_is_typed():
    assert "214,508" in html(scenes.every("en")["requisite.reading"])


def test_out_of_service_gives_staff_every_code():
    page = html(scenes.every("ru")["out_of_service"])
    assert "printer.cover_open, gateway.unreachable" in page
    assert "инженер, сейчас" in page, "who must come is said there, too"


def test_the_modes_of_a_screen_are_classes_and_pressed_buttons():
    scene = scenes.every("en")["groups"]
    chosen = replace(scene, session=replace(scene.session, modes=frozenset(Mode)))
    assert html(chosen).count('aria-pressed="true"') == 3
    assert re.search(r'class="screen groups\s+lower larger contrast', html(chosen))


def test_what_was_typed_is_shown_with_the_error_and_through_the_mask():
    page = html(scenes.every("ru")["requisite.faulty"])
    assert 'value="204 81"' in page.replace(" _", "")
    assert "Введено 5 цифр, нужно 10." in page


def test_an_unknown_page_is_the_nearest_one():
    scene = scenes.scene(Stage.GROUPS, page=99)
    assert presses(html(scene))
