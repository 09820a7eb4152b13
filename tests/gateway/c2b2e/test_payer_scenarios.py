"""Every unsuccessful scenario of the source by its step, where we are the payer's bank: the three books agree each time.

All of them run with --long; what is left without it has one of each kind.
"""

from typing import Any

import pytest

from gateway.outcomes import Account, AccountOutcome, HoldOutcome, Verdict
from gateway.transfer_contract import LinkRefused

LINK = "BBB000000000000000000001"
NO_ANSWER = [None] * 4
ADMI_010, PACS_002 = "admi.010.001.02", "pacs.002.001.13"

# steps 2 to 5: nothing is ordered


@pytest.mark.parametrize(
    ("timer_changes", "our_timers"), [({"details_seconds": 0.6}, {"details_seconds": 1.2})], ids=[""]
)
@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        pytest.param(
            lambda it: it.fault("2", "silence", count=4),
            "link.unanswered",
            id="2 no answer",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda it: it.fault("2", "refuse"), "iso.MS03", id="2 failed validation", marks=pytest.mark.long
        ),
        pytest.param(lambda it: it.other.script.answers.update({"3": [404]}), "iso.MS03", id="3 refusal"),
        pytest.param(
            lambda it: it.fault("3", "silence", count=4), "iso.AB08", id="3 no answer", marks=pytest.mark.long
        ),
        pytest.param(
            lambda it: it.other.script.mute.add(ADMI_010),
            "iso.AB05",
            id="4 no answer",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda it: it.fault("4", "refuse"), "iso.FF01", id="4 failed validation", marks=pytest.mark.long
        ),
        pytest.param(
            lambda it: setattr(it.other.script, "details", "AC04"),
            "iso.AC04",
            id="4 refusal",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda it: it.fault("5", "silence", count=4),
            "link.unanswered",
            id="5 no answer",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda it: it.fault("5", "garbage", count=4),
            "link.unanswered",
            id="5 failed validation",
            marks=pytest.mark.long,
        ),
    ],
)
async def test_without_details_nothing_is_ordered(payer: Any, arrange: Any, reason: str) -> None:
    arrange(payer)
    assert await payer.ours.resolve(LINK) == LinkRefused(reason=reason)
    await payer.ends()
    assert (await payer.ours.only()).state == "FAILED"
    assert payer.platform.rows() == []


@pytest.mark.long
async def test_a_link_of_an_unknown_bank_is_unknown(payer: Any) -> None:
    assert await payer.ours.resolve("ZZZ" + LINK[3:]) == LinkRefused(reason="link.unknown")


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("AAA" + LINK[3:], "link.own_bank"),
        (f"https://elsewhere.example/{LINK}", "link.foreign_host"),
        ("hello", "link.unreadable"),
    ],
)
async def test_what_no_bank_need_be_asked_about_is_refused_at_once(
    payer: Any, link: str, reason: str
) -> None:
    assert await payer.ours.resolve(link) == LinkRefused(reason=reason)
    assert await payer.ours.every() == []


# step 7: account status, arrests, funds; nothing is ordered


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        pytest.param(
            {"account": AccountOutcome(Verdict.UNANSWERED)}, "FAILED", "account_unanswered", id="7 no answer"
        ),
        pytest.param(
            {
                "account": AccountOutcome(
                    Verdict.REFUSED, Account("ARRESTED", "KZ86125KZT5004100100", "900101300017", "A"), "00"
                )
            },
            "FAILED",
            "account_unfit",
            id="7 refusal",
            marks=pytest.mark.long,
        ),
        pytest.param(
            {
                "account": AccountOutcome(
                    Verdict.ACCEPTED, Account("ACTIVE", "KZ00", "900101300017", "A"), "00"
                )
            },
            "FAILED",
            "account_unfit",
            id="7 failed validation",
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"hold_outcome": HoldOutcome(Verdict.REFUSED, "51")},
            "FAILED",
            "card.51",
            id="7 funds",
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"hold_outcome": HoldOutcome(Verdict.UNANSWERED)},
            "RELEASED",
            "card_host_unanswered",
            id="7 hold of unknown fate",
        ),
    ],
)
async def test_7_without_an_approved_hold_nothing_is_ordered(
    payer: Any, changes: dict[str, Any], state: str, reason: str
) -> None:
    for name, outcome in changes.items():
        setattr(payer.ours.funds, name, outcome)
    await payer.ours.pay(LINK)
    await payer.until_state(state)
    await payer.ends()
    transfer = await payer.ours.only()
    assert (transfer.state, transfer.reason) == (state, reason)
    assert payer.platform.rows() == []
    assert all(hold.held == 0 for hold in payer.ours.funds.holds.values())


# step 9: the pacs.008


async def test_9_a_lost_order_keeps_the_hold_and_is_asked_about(payer: Any) -> None:
    payer.fault("9", "silence", count=4)
    offer = await payer.ours.resolve(LINK)
    await payer.ours.put(offer)

    async def asked() -> bool:
        return any(line["rule"] == "unknown" for line in payer.seen("17.1"))

    await payer.until(asked)
    assert (await payer.ours.only()).state == "ORDERED"
    assert payer.platform.rows() == []
    await payer.agree()


@pytest.mark.parametrize("our_timers", [{"order_life_seconds": 0.5, "unknown_grace_seconds": 0.5}], ids=[""])
async def test_9_an_order_that_never_arrived_and_can_arrive_no_more_is_released(payer: Any) -> None:
    payer.fault("9", "silence", count=4)
    view = await payer.ours.pay(LINK)
    assert (view.told, view.reason) == ("being_unblocked", "iso.TM01")
    await payer.until_state("RELEASED")
    await payer.ends()


@pytest.mark.long
async def test_9_a_refused_order_releases_at_once(payer: Any) -> None:
    payer.fault("9", "refuse")
    await payer.ours.pay(LINK)
    await payer.until_state("RELEASED")
    await payer.ends()
    assert payer.platform.rows() == []


async def test_9_an_order_that_took_effect_behind_a_refusal_is_rejected_to_both(payer: Any) -> None:
    payer.fault("9", "refuse", "after")
    await payer.ours.pay(LINK)
    await payer.until_state("RELEASED")
    await payer.ends()
    assert payer.state == ("REJECTED", "MS03")
    assert "payer_pending_told" in await payer.ours.alarms()


# steps 10 to 16: a reason for each


@pytest.mark.parametrize("timer_changes", [{"order_life_seconds": 1.5}], ids=[""])
@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        pytest.param(
            lambda it: it.fault("10", "refuse"), "ED05", id="10 refusal: position", marks=pytest.mark.long
        ),
        pytest.param(
            lambda it: it.fault("10", "refuse", dice=1),
            "AM02",
            id="10 refusal: limit",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda it: it.other.script.answers.update({"11": list(NO_ANSWER)}),
            "AB08",
            id="11 no answer",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda it: it.fault("11", "garbage"), "MS03", id="11 failed validation", marks=pytest.mark.long
        ),
        pytest.param(lambda it: setattr(it.other.script, "verdict", "AC06"), "AC06", id="12 refusal"),
        pytest.param(
            lambda it: it.other.script.mute.add(PACS_002), "AB05", id="13 no answer", marks=pytest.mark.long
        ),
        pytest.param(
            lambda it: it.other.script.invalid.add(PACS_002),
            "FF01",
            id="13 failed validation",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda it: it.fault("14", "silence", count=4), "TM01", id="14 no answer", marks=pytest.mark.long
        ),
        pytest.param(
            lambda it: it.fault("14", "garbage", dice=2),
            "MS03",
            id="14 failed validation",
            marks=pytest.mark.long,
        ),
        pytest.param(lambda it: it.fault("14", "refuse"), "MS03", id="14 refusal", marks=pytest.mark.long),
        pytest.param(
            lambda it: it.fault("15", "refuse"), "ED05", id="15 the commit fails", marks=pytest.mark.long
        ),
        pytest.param(
            lambda it: it.other.script.answers.update({"16": [400]}),
            "MS03",
            id="16 refusal",
            marks=pytest.mark.long,
        ),
    ],
)
async def test_a_chain_that_fails_moves_no_money(payer: Any, arrange: Any, reason: str) -> None:
    arrange(payer)
    view = await payer.ours.pay(LINK)
    assert (view.told, view.reason) == ("being_unblocked", f"iso.{reason}")
    await payer.until_state("RELEASED")
    await payer.ends()
    assert payer.state == ("REJECTED", reason)


# what a repeat or a question heals


@pytest.mark.parametrize(
    ("step", "name", "position", "count"),
    [
        pytest.param("2", "silence", "after", 1, marks=pytest.mark.long),
        pytest.param("5", "duplicate", "before", 1, marks=pytest.mark.long),
        ("9", "silence", "after", 1),
        pytest.param("9", "5xx", "before", 1, marks=pytest.mark.long),
        pytest.param("14", "silence", "after", 1, marks=pytest.mark.long),
        pytest.param("14", "duplicate", "before", 1, marks=pytest.mark.long),
        pytest.param("16", "silence", "before", 3, marks=pytest.mark.long),
        ("17", "silence", "before", 10_000),
        pytest.param("17", "garbage", "before", 1, marks=pytest.mark.long),
        pytest.param("17", "duplicate", "before", 1, marks=pytest.mark.long),
    ],
)
async def test_a_trouble_of_the_line_ends_with_one_debit_and_one_credit(
    payer: Any, step: str, name: str, position: str, count: int
) -> None:
    payer.fault(step, name, position, count=count)
    view = await payer.ours.pay(LINK)
    await payer.ends()
    assert (view.state, view.told) == ("SETTLED", "paid")
    if count > 100:
        assert payer.seen("17.1")


@pytest.mark.long
async def test_17_1_a_question_that_is_refused_or_not_answered_is_asked_again(payer: Any) -> None:
    payer.fault("17", "silence", count=10_000)
    payer.fault("17.1", "refuse", "after")
    payer.fault("17.1 answer", "silence", count=4)
    assert (await payer.ours.pay(LINK)).state == "SETTLED"
    await payer.ends()
