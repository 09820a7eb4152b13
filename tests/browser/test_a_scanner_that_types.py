"""A barcode scanner that is a keyboard to the machine: its code arrives faster than anybody types."""

import pytest

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.processes]

ACCOUNT = "2048173658"
BILL = f"0117{ACCOUNT}00152300"
SCAN = """(code) => [...code, "Enter"].forEach((key) =>
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))"""


async def test_a_bill_longer_than_the_field_is_read_whole_and_fills_it(person):
    await person.come(language="en")
    await person.press("group", "internet-tv")
    await person.sees("providers")
    await person.press("provider", "samal")
    await person.sees("products")
    await person.press("product", "samal-internet")
    await person.sees("requisite")
    await person.page.evaluate(SCAN, BILL)
    await person.page.wait_for_selector(f'#raw[value="{ACCOUNT}"]', state="attached", timeout=20_000)
    assert await person.page.input_value("#typed") == "204 817 36 58"
