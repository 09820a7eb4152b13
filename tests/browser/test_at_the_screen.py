"""What fingers do at a screen: twice, back, wrong, by keys alone; and what a browser does by itself."""

import asyncio

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.processes]

PHONE = "7011234567"
AT_ONCE = """(presses) => new Promise((resolve) => {
  let pressed = 0, last = null;
  const next = () => {
    const [action, value] = presses[pressed] ?? [];
    if (!action) return resolve(pressed);
    const found = document.querySelector(
      `button[data-action="${action}"]` + (value ? `[data-value="${value}"]` : ""));
    if (found && found.closest("main") !== last) {
      last = found.closest("main");
      pressed += 1;
      found.click();
    }
  };
  new MutationObserver(() => requestAnimationFrame(next)).observe(document.body, {childList: true, subtree: true});
  next();
})"""


async def journeys(person):
    return [item async for item in person.ground.stage.terminals[0].call("journeys.list", {"limit": 10_000})]


async def test_a_double_tap_is_one_press(person):
    await person.come(language="en")
    for _ in range(2):
        await person.chooses("dala-mobile", PHONE)
        await person.sees("amount")
        await person.press("cancel")
        await person.sees("cancelled")
        await person.press("another")
        await person.sees("groups")
    before = len(await journeys(person))
    await person.page.dblclick('button[data-action="group"][data-value="mobile"]')
    await person.sees("providers")
    await person.press("product", "dala-mobile")
    await person.sees("requisite")
    await person.page.keyboard.type(PHONE)
    await person.page.dblclick('button[data-action="enter"]')
    await person.sees("amount")
    await person.type("1500", then="")
    await person.page.dblclick('button[data-action="enter"]')
    await person.sees("review")
    await person.page.dblclick('button[data-action="agree"]')
    await person.sees("insert_card")
    assert len(await journeys(person)) == before + 1


async def test_the_second_tap_of_two_presses_nothing_on_the_screen_that_came_between(person):
    await person.come(language="en")
    box = await person.page.locator('button[data-action="group"][data-value="mobile"]').bounding_box()
    await person.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await tap(person, 1)
    await person.sees("providers")
    await tap(person, 2)
    await person.press("back")  # it is heard after whatever a tap might have asked for
    await person.sees("groups")


async def tap(person, count):
    await person.page.mouse.down(click_count=count)
    await person.page.mouse.up(click_count=count)


async def test_a_press_as_soon_as_its_button_is_seen_is_heard(person):
    await person.come()
    presses = [("language", "en"), ("group", "mobile"), ("back", None), ("back", None)] * 3
    async with asyncio.timeout(10):
        assert await person.page.evaluate(AT_ONCE, presses) == len(presses)
    await person.sees("welcome")


async def test_a_reload_in_the_middle_meets_the_same_screen_and_what_was_typed(person):
    await person.come(language="en")
    await person.press("group", "mobile")
    await person.sees("providers")
    await person.page.reload()
    await person.sees("providers")
    await person.press("product", "dala-mobile")
    await person.sees("requisite")
    async with person.page.expect_response("**/typed"):
        await person.type("70112", then="")
    await person.page.reload()
    await person.sees("requisite")
    assert await person.page.input_value("#raw") == "70112"
    await person.type("34567")
    await person.agrees()
    await person.sees("insert_card")
    await person.page.reload()
    await person.sees("insert_card")


async def test_back_leads_back_screen_by_screen(person):
    await person.come(language="en")
    await person.press("group", "mobile")
    await person.sees("providers")
    await person.press("product", "dala-mobile")
    for screen in ("requisite", "providers", "groups"):
        await person.sees(screen)
        await person.press("back")
    await person.sees("welcome")


async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(person):
    await person.come(language="en")
    await person.chooses("dala-mobile", "701123")
    await person.page.wait_for_selector("#fault")
    assert await person.page.get_attribute("#typed", "aria-invalid") == "true"
    assert await person.page.input_value("#raw") == "701123"
    await person.type("4567")
    await person.sees("amount")
    await person.type("1")
    await person.page.wait_for_selector("#fault")


async def test_a_browser_that_is_killed_in_pin_entry_comes_back_to_it(person, browser):
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.sees("insert_card")
    await person.hand("insert", card="good")
    await person.sees("pin")
    await person.page.context.close()
    another = await browser.new_context()
    person.page = await another.new_page()
    await person.watch()
    await person.page.goto(person.ground.kiosk_url)
    await person.sees("pin")
    await person.enters("1234")
    await person.sees("take_card")
    await person.takes_card()
    await person.sees("paid")


async def test_an_earlier_payment_is_found_and_printed_again(person):
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.pays()
    await person.takes_card()
    await person.sees("paid")
    paid = (await journeys(person))[0]
    await person.press("again")
    await person.sees("welcome")
    await person.press("language", "en")
    await person.sees("groups")
    await person.press("mine")
    await person.sees("mine_number")
    await person.type(paid["view"]["rrn"])
    await person.sees("mine_card")
    await person.type(paid["masked_pan"][-4:])
    await person.sees("mine_found")
    assert "paid" in (await person.says()).casefold()
    printed = (await person.hand("tear"))["printed"]
    await person.press("reprint")
    async for seen in person.ground.stage.terminals[0].call("hands.watch"):
        if seen["printed"] > printed:
            break
    await person.sees("mine_found")


async def test_another_card_finds_nothing(person):
    await person.come(language="en")
    await person.press("mine")
    await person.sees("mine_number")
    await person.type("000001")
    await person.sees("mine_card")
    await person.type("0000")
    await person.sees("mine_not_found")


async def test_a_provider_is_found_by_a_part_of_its_name_in_any_language(person):
    await person.come(language="en")
    await person.press("search")
    await person.sees("search")
    await person.type("жарық")
    await person.page.wait_for_selector('button[data-action="product"][data-value="qala-jaryq"]')
    await person.press("product", "qala-jaryq")
    await person.sees("requisite")


async def test_everything_is_paid_by_the_keys_of_a_keypad_alone(person):
    """Digits, ENTER, CLEAR, CANCEL and the function keys, as an ATM has them; no pointer at all."""
    press = person.page.keyboard.press
    await person.come()
    await press("3")
    await person.sees("groups")
    await press("1")
    await person.sees("providers")
    await press("F1")
    await person.sees("requisite")
    await person.page.keyboard.type("70112345679")
    await person.page.keyboard.type(PHONE)
    for _ in range(len(PHONE)):
        await press("Backspace")
    await person.page.keyboard.type(PHONE)
    await press("Enter")
    await person.sees("amount")
    await person.page.keyboard.type("1500")
    await press("Enter")
    await person.sees("review")
    await press("Enter")
    await person.pays()
    await person.takes_card()
    await person.sees("paid")
    await press("Enter")
    await person.sees("welcome")


async def test_a_provider_is_found_by_the_keys_of_a_keypad_alone(person):
    """жар: a digit again within a second is its next letter; a pause, and it is the same letter anew."""
    press = person.page.keyboard.press
    await person.come()
    await press("1")
    await person.sees("groups")
    await press("0")
    await person.sees("search")
    await person.page.keyboard.type("333326")
    assert await person.page.input_value("#raw") == "Жар"
    await expect(person.page.locator(".taps b")).to_have_text("р")
    await press("Enter")
    await person.page.wait_for_selector('button[data-action="product"][data-value="qala-jaryq"]')
    await press("F1")
    await person.sees("requisite")


@pytest.mark.parametrize(
    ("digits", "turns", "letters"), [("22", 0, "Ә"), ("222222", 0, "Ғ"), ("44444", 0, "Қ"), ("22", 2, "B")]
)
async def test_each_alphabet_has_its_letters_on_the_digits(person, digits, turns, letters):
    await person.come(language="kk")
    await person.press("search")
    await person.sees("search")
    for _ in range(turns):
        await person.page.keyboard.press("F7")
    await person.page.keyboard.type(digits)
    assert await person.page.input_value("#raw") == letters


async def test_who_has_a_keyboard_with_letters_types_digits_as_digits(person):
    await person.come(language="en")
    await person.press("search")
    await person.sees("search")
    await person.page.keyboard.type("KZ 227")
    assert await person.page.input_value("#raw") == "KZ 227"


async def test_focus_is_on_each_new_screen_and_can_be_seen(person):
    await person.come(language="en")
    assert await person.page.evaluate("document.activeElement.id") == "heading"
    await person.page.keyboard.press("Tab")
    outline = "(({outlineStyle, outlineWidth}) => outlineStyle + outlineWidth)(getComputedStyle(document.activeElement))"
    style = await person.page.evaluate(outline)
    assert not style.startswith("none")


async def test_cancel_before_the_card_takes_nothing(person):
    before = (await person.books()).books.lines
    await person.come(language="en")
    await person.chooses("dala-mobile", PHONE)
    await person.agrees()
    await person.sees("insert_card")
    await person.page.keyboard.press("Escape")
    await person.sees("cancelled")
    assert len((await person.books()).books.lines) == len(before)
