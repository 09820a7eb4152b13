"""What the card host decides, and what its ledger has then (PROTOCOLS §5)."""

from dataclasses import replace
from typing import Any

import psec
import pytest

from gateway.sandbox.books import CardRow
from gateway.sandbox.card_rules import CardRule
from gateway.sandbox.pin import ANSI_SAMPLE_BDK
from gateway.sandbox.settings import KnownCard, SandboxSettings

HELD = CardRow("632600001234", "ATM00017", held=154500, captured=0, released=0, response_code="00")
CAPTURED = replace(HELD, held=0, captured=154500)
RELEASED = replace(HELD, held=0, released=154500)


async def test_a_hold_is_captured(card_line: Any, messages: Any, sandbox: Any) -> None:
    held = await card_line.ask(messages.hold())
    captured = await card_line.ask(messages.capture(f38=held["38"]))
    assert (held["t"], held["39"], held["4"]) == ("0110", "00", "000000154500")
    assert (captured["t"], captured["39"], captured["11"]) == ("0230", "00", "000002")
    assert sandbox.card_rows() == [CAPTURED]


async def test_a_hold_is_released(card_line: Any, messages: Any, sandbox: Any) -> None:
    held = await card_line.ask(messages.hold())
    released = await card_line.ask(messages.reversal(f38=held["38"]))
    assert (released["t"], released["39"]) == ("0430", "00")
    assert sandbox.card_rows() == [RELEASED]


async def test_repeats_of_a_capture_are_answered_alike_and_applied_once(
    card_line: Any, messages: Any, sandbox: Any
) -> None:
    held = await card_line.ask(messages.hold())
    answers = [await card_line.ask(messages.capture(f38=held["38"])) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert sandbox.card_rows() == [CAPTURED]


async def test_a_0421_is_the_repeat_of_its_0420(card_line: Any, messages: Any, sandbox: Any) -> None:
    await card_line.ask(messages.hold())
    answers = [await card_line.ask(messages.reversal(t=mti)) for mti in ("0420", "0421", "0421")]
    assert answers[0] == answers[1] == answers[2]
    assert sandbox.card_rows() == [RELEASED]


async def test_a_0421_may_come_first(card_line: Any, messages: Any, sandbox: Any) -> None:
    await card_line.ask(messages.hold())
    assert [await card_line.code(messages.reversal(t=mti)) for mti in ("0421", "0420")] == ["00", "00"]
    assert sandbox.card_rows() == [RELEASED]


async def test_a_hold_that_comes_after_its_reversal_is_94(
    card_line: Any, messages: Any, sandbox: Any
) -> None:
    assert await card_line.code(messages.reversal(t="0421")) == "00"
    assert await card_line.code(messages.hold()) == "94"
    assert await card_line.code(messages.reversal(t="0420")) == "00"
    assert sandbox.card_rows() == [CardRow("632600001234", "ATM00017", 0, 0, 0)]


async def test_a_repeated_0100_gets_its_answer_again_and_is_held_against_us(
    card_line: Any, messages: Any, sandbox: Any, log_line: Any
) -> None:
    assert await card_line.ask(messages.hold()) == await card_line.ask(messages.hold())
    assert sandbox.card_rows() == [replace(HELD, violations=("hold_repeated",))]
    assert log_line("card-host")["says"] == "a 0100 is never repeated"


async def _held_and(card_line: Any, messages: Any, *then: str) -> dict[str, str]:
    held = await card_line.ask(messages.hold())
    for kind in then:
        assert await card_line.code(getattr(messages, kind)(f38=held["38"])) == "00"
    return held


VIOLATIONS: list[tuple[CardRule, tuple[str, ...], str, dict[str, str]]] = [
    (CardRule.HOLD_CHANGED, (), "hold", {"f4": "000000154501"}),
    (CardRule.STAN_OPEN, (), "hold", {"f37": "632600001235"}),
    (CardRule.CAPTURE_TOO_LARGE, (), "capture", {"f4": "000000154501"}),
    (CardRule.CAPTURE_CHANGED, ("capture",), "capture", {"f11": "000004"}),
    (CardRule.CAPTURE_AFTER_REVERSAL, ("reversal",), "capture", {}),
    (CardRule.REVERSAL_AMOUNT, (), "reversal", {"f4": "000000154400"}),
    (CardRule.REVERSAL_CHANGED, ("reversal",), "reversal", {"f11": "000004"}),
    (CardRule.REVERSAL_AFTER_CAPTURE, ("capture",), "reversal", {}),
]


@pytest.mark.parametrize(
    ("rule", "before", "kind", "change"), VIOLATIONS, ids=lambda it: getattr(it, "name", None)
)
async def test_a_violation_is_refused_and_stands_in_the_ledger(
    *,
    rule: CardRule,
    before: tuple[str, ...],
    kind: str,
    change: dict[str, str],
    card_line: Any,
    messages: Any,
    sandbox: Any,
) -> None:
    held = await _held_and(card_line, messages, *before)
    rows = sandbox.card_rows()
    approval = {} if kind == "hold" else {"f38": held["38"]}
    assert await card_line.code(getattr(messages, kind)(**approval | change)) == rule.code
    after = {row.rrn: row for row in sandbox.card_rows()}
    assert after[change.get("f37", "632600001234")].violations == (rule.name.lower(),)
    assert replace(after["632600001234"], violations=()) == rows[0]  # and nothing moved


async def test_a_capture_of_nothing_is_25(card_line: Any, messages: Any, sandbox: Any) -> None:
    assert await card_line.code(messages.capture()) == "25"
    assert sandbox.card_rows() == [CardRow("632600001234", "ATM00017", 0, 0, 0, None, ("capture_unknown",))]


async def test_a_capture_of_a_declined_hold_is_12(card_line: Any, messages: Any, sandbox: Any) -> None:
    amount = "000077775100"
    assert await card_line.code(messages.hold(f4=amount)) == "51"
    assert await card_line.code(messages.capture(f4=amount)) == "12"
    assert sandbox.card_rows()[0].violations == ("capture_of_declined",)


async def test_a_capture_after_a_reversal_of_an_unseen_hold_is_12(
    card_line: Any, messages: Any, sandbox: Any
) -> None:
    await card_line.ask(messages.reversal())
    assert await card_line.code(messages.capture()) == "12"


def test_every_rule_that_needs_the_ledger_has_a_test_that_breaks_it() -> None:
    elsewhere = {
        *(CardRule.HOLD_REPEATED, CardRule.HOLD_AFTER_REVERSAL),
        *(CardRule.CAPTURE_UNKNOWN, CardRule.CAPTURE_OF_DECLINED, CardRule.CREDIT_CHANGED),
    }
    assert {row[0] for row in VIOLATIONS} | elsewhere == {rule for rule in CardRule if rule.code != "30"}


async def test_less_than_the_hold_may_be_captured_and_the_rest_is_free(
    card_line: Any, messages: Any, sandbox: Any
) -> None:
    held = await card_line.ask(messages.hold())
    assert await card_line.code(messages.capture(f38=held["38"], f4="000000100000")) == "00"
    assert sandbox.card_rows() == [replace(HELD, held=0, captured=100000, released=54500)]


async def test_a_declined_hold_may_be_reversed(card_line: Any, messages: Any, sandbox: Any) -> None:
    amount = "000077779100"  # 91: the other side cannot know whether a hold exists
    assert await card_line.code(messages.hold(f4=amount)) == "91"
    assert await card_line.code(messages.reversal(f4=amount)) == "00"
    assert sandbox.card_rows() == [CardRow("632600001234", "ATM00017", 0, 0, 0, "91")]


@pytest.mark.parametrize(("amount", "code"), [("000077770000", "00"), ("000077771000", "10")])
async def test_a_special_amount_is_approved_for_one_tenge_less(
    amount: str, code: str, card_line: Any, messages: Any, sandbox: Any
) -> None:
    held = await card_line.ask(messages.hold(f4=amount))
    assert (held["39"], int(held["4"])) == (code, int(amount) - 100)
    assert await card_line.code(messages.reversal(f4=amount, f38=held["38"])) == "00"
    assert (sandbox.card_rows()[0].held, sandbox.card_rows()[0].released) == (0, int(amount) - 100)


@pytest.mark.parametrize(
    "code", ["05", "14", "41", "43", "51", "54", "57", "61", "62", "65", "68", "75", "91", "96"]
)
async def test_a_special_amount_is_declined_with_its_code(code: str, card_line: Any, messages: Any) -> None:
    assert await card_line.code(messages.hold(f4=f"0000777{7}{code}00")) == code


async def test_an_expired_card_is_54(card_line: Any, messages: Any) -> None:
    assert await card_line.code(messages.hold(f35="4012345678909D2610201000000000")) == "54"
    this_month = messages.hold(f35="4012345678909D2611201000000000", f37="632600001235")
    assert await card_line.code(this_month) == "00"


async def test_a_stan_may_be_used_again_once_its_hold_has_ended(card_line: Any, messages: Any) -> None:
    await _held_and(card_line, messages, "capture")
    assert await card_line.code(messages.hold(f37="632600001235")) == "00"
    assert await card_line.code(messages.hold(f37="632600001236", f41="ATM00018")) == "00"  # another terminal


# psec imports TDES from the place where cryptography had it before.
@pytest.mark.filterwarnings("ignore:.*TripleDES:cryptography.utils.CryptographyDeprecationWarning")
class TestPins:
    """A host that has the BDK of the ANSI sample."""

    @pytest.fixture
    def settings(self, settings: SandboxSettings) -> SandboxSettings:
        known = KnownCard(pan="4111111111111111", balance=100_00, pin="4321", answers="62")
        return replace(settings, card_host=replace(settings.card_host, bdk=ANSI_SAMPLE_BDK, cards=(known,)))

    async def test_the_right_pin_is_approved(self, card_line: Any, messages: Any) -> None:
        assert await card_line.code(messages.hold()) == "00"

    @pytest.mark.parametrize("ksn", ["FFFF9876543210E00001", "9876543210E00001"])
    async def test_a_ksn_may_come_without_its_leading_f(
        self, ksn: str, card_line: Any, messages: Any
    ) -> None:
        assert await card_line.code(messages.hold(f62=ksn)) == "00"

    async def test_a_hold_without_ksn_is_30(self, card_line: Any, messages: Any, log_line: Any) -> None:
        assert await card_line.code(messages.hold(f62=None)) == "30"
        assert log_line("card-host")["place"] == "field 62"

    async def test_a_block_of_another_key_is_a_fault_and_no_wrong_pin(
        self, card_line: Any, messages: Any, log_line: Any
    ) -> None:
        for number in range(4):
            assert await card_line.code(messages.hold(f62=f"FFFF9876543210E0001{number}")) == "30"
        assert log_line("card-host")["rule"] == "pin_block"
        assert await card_line.code(messages.hold()) == "00"

    async def test_the_third_wrong_pin_closes_the_card(
        self, card_line: Any, messages: Any, sandbox: Any
    ) -> None:
        wrong = _block_of_4321()
        codes = [
            await card_line.code(messages.hold(f52=wrong, f37=f"63260000123{number}")) for number in range(4)
        ]
        right = await card_line.code(messages.hold(f37="632600001239"))
        assert [*codes, right] == ["55", "55", "75", "75", "75"]
        assert {row.held for row in sandbox.card_rows()} == {0}

    async def test_a_right_pin_forgets_wrong_ones(self, card_line: Any, messages: Any) -> None:
        blocks = [_block_of_4321(), _block_of_4321(), "1B9C1845EB993A7A", _block_of_4321()]
        codes = [
            await card_line.code(messages.hold(f52=block, f11=f"00000{n + 1}", f37=f"63260000123{n}"))
            for n, block in enumerate(blocks)
        ]
        assert codes == ["55", "55", "00", "55"]

    async def test_a_known_card_answers_as_it_was_told(self, card_line: Any, messages: Any) -> None:
        assert await card_line.code(messages.hold(f35="4111111111111111D2812201000000000")) == "62"


def _block_of_4321() -> str:
    """PIN 4321 under the key of the sample's first KSN."""
    key = bytes.fromhex("042666B49184CF5C68DE9628D0397B36")
    return (
        psec.des.encrypt_tdes_ecb(key, psec.pinblock.encode_pinblock_iso_0("4321", "4012345678909"))
        .hex()
        .upper()
    )


class TestFunds:
    @pytest.fixture
    def settings(self, settings: SandboxSettings, pan: str) -> SandboxSettings:
        known = KnownCard(pan=pan, balance=2000_00)
        return replace(settings, card_host=replace(settings.card_host, cards=(known,)))

    async def test_what_is_held_cannot_be_held_again(self, card_line: Any, messages: Any) -> None:
        await _held_and(card_line, messages)
        second = messages.hold(f11="000005", f37="632600001235", f4="000000050000")
        assert await card_line.code(second) == "51"

    async def test_what_is_released_can(self, card_line: Any, messages: Any) -> None:
        await _held_and(card_line, messages, "reversal")
        assert await card_line.code(messages.hold(f37="632600001235")) == "00"

    async def test_what_is_captured_is_gone(self, card_line: Any, messages: Any) -> None:
        await _held_and(card_line, messages, "capture")
        assert await card_line.code(messages.hold(f37="632600001235")) == "51"
        assert await card_line.code(messages.hold(f37="632600001236", f4="000000045500")) == "00"
