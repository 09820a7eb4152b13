"""Every unsuccessful scenario of the source, by its step, on both sides: who ends how, and what the books say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from gateway.c2b2e import payee, payer
from tests.gateway.c2b2e.transfer_model import ATTEMPTS, Fate, World

SILENT = [Fate.LOST] * ATTEMPTS
FOREVER = [Fate.LOST] * 1000
INVALID = [Fate.INVALID]
ROUNDS = 12  # of waiting for each other's deadlines

NOTHING = (0, 0, 0, 0)  # held, captured, released, credited
PAID = (0, 1, 0, 1)
RELEASED = (0, 0, 1, 0)
HELD = (1, 0, 0, 0)


@dataclass
class Story:
    """What goes wrong in one transfer: fates of the attempts of a step, and what card hosts and platform refuse."""

    fates: Mapping[str, list[Fate]] = field(default_factory=dict)
    refuses: frozenset[str] = frozenset()
    account: payer.Event = payer.Event.ACCOUNT_FIT
    hold: payer.Event = payer.Event.HOLD_APPROVED
    beneficiary: payee.Event = payee.Event.BENEFICIARY_FIT
    clocks: bool = True

    def run(self) -> World:
        world = World()
        world.platform.refuses = self.refuses
        fates = {step: iter(told) for step, told in self.fates.items()}
        for turn in range(ROUNDS):
            self._deliver(world, fates)
            world.payer.card_host_answers()
            if self.clocks:
                self._wait(world, turn)
        return world

    def _deliver(self, world: World, fates: Mapping[str, Iterator[Fate]]) -> None:
        """Every open letter has all its attempts, in turns."""
        for _ in range(3 * ATTEMPTS):
            self._people_and_hosts(world)
            for letter in list(world.letters):
                world.attempt(letter, next(fates.get(letter.kind, iter(())), Fate.ARRIVES))

    def _people_and_hosts(self, world: World) -> None:
        if world.payer.state is payer.State.DETAILED:
            world.payer.play(payer.Event.CONFIRMED)
            world.payer.play(self.account)
        if world.payer.state is payer.State.HOLDING:
            world.payer.held = int(self.hold is payer.Event.HOLD_APPROVED)
            world.payer.play(self.hold)
        if world.payee.state is payee.State.CHECKING:
            world.payee.play(self.beneficiary)

    def _wait(self, world: World, turn: int) -> None:
        world.platform.report("ERROR")
        world.payer.play(payer.Event.DETAILS_OVERDUE)
        world.payer.play(payer.Event.QUESTION_DUE)
        world.payee.deadline()
        world.end_life()
        world.long_over = turn > ROUNDS // 2


def books(world: World) -> tuple[int, int, int, int]:
    return world.payer.held, world.payer.captured, world.payer.released, world.payee.credited


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(Story({"2": FOREVER}), id="2 no answer"),
        pytest.param(Story({"2": INVALID}), id="2 failed validation"),
        pytest.param(Story({"3": SILENT}), id="3 no answer"),
        pytest.param(Story({"3": INVALID}), id="3 failed validation"),
        pytest.param(Story({"4": SILENT}), id="4 no answer"),
        pytest.param(Story({"4": INVALID}), id="4 failed validation"),
        pytest.param(Story({"5": SILENT}), id="5 no answer"),
        pytest.param(Story({"5": INVALID}), id="5 failed validation"),
        pytest.param(Story(account=payer.Event.ACCOUNT_UNFIT), id="7 account refused"),
        pytest.param(Story(account=payer.Event.UNANSWERED), id="7 account host silent"),
        pytest.param(Story(account=payer.Event.RESTARTED), id="7 power cut while the account is asked"),
        pytest.param(Story(hold=payer.Event.HOLD_DECLINED), id="7 no funds"),
    ],
)
def test_without_an_order_nothing_is_held_and_nobody_is_credited(story: Story) -> None:
    world = story.run()
    assert world.payer.state is payer.State.FAILED
    assert books(world) == NOTHING
    assert world.platform.state is None


@pytest.mark.parametrize("event", [payer.Event.UNANSWERED, payer.Event.RESTARTED])
def test_7_a_hold_of_unknown_fate_is_reversed_and_never_ordered(event: payer.Event) -> None:
    world = Story(hold=event).run()
    assert world.payer.state is payer.State.RELEASED
    assert books(world) == RELEASED
    assert world.platform.state is None


@pytest.mark.parametrize(
    ("story", "payees_end"),
    [
        pytest.param(Story({"9": INVALID}), payee.State.DETAILED, id="9 failed validation"),
        pytest.param(Story({"9": FOREVER}), payee.State.DETAILED, id="9 no answer, and none to questions"),
        pytest.param(
            Story({"9": [Fate.INVALID_BEHIND]}), payee.State.REJECTED, id="9 effect behind a refusal"
        ),
        pytest.param(Story(refuses=frozenset({"10"})), payee.State.DETAILED, id="10 refusal"),
        pytest.param(Story({"11": SILENT}), payee.State.DETAILED, id="11 no answer"),
        pytest.param(Story({"11": INVALID}), payee.State.DETAILED, id="11 failed validation"),
        pytest.param(Story(beneficiary=payee.Event.BENEFICIARY_UNFIT), payee.State.REJECTED, id="12 refusal"),
        pytest.param(Story(beneficiary=payee.Event.UNANSWERED), payee.State.REJECTED, id="12 no answer"),
        pytest.param(Story({"13": SILENT}), payee.State.REJECTED, id="13 no answer"),
        pytest.param(Story({"13": INVALID}), payee.State.REJECTED, id="13 failed validation"),
        pytest.param(Story({"14": SILENT}), payee.State.REJECTED, id="14 no answer"),
        pytest.param(Story({"14": INVALID}), payee.State.REJECTED, id="14 failed validation"),
        pytest.param(
            Story({"14": [Fate.ANSWER_LOST, Fate.INVALID]}), payee.State.REJECTED, id="14 refused later"
        ),
        pytest.param(Story(refuses=frozenset({"15"})), payee.State.REJECTED, id="15 the commit fails"),
        pytest.param(Story({"16": INVALID}), payee.State.REJECTED, id="16 failed validation"),
    ],
)
def test_a_chain_that_fails_releases_the_hold_and_credits_nobody(
    story: Story, payees_end: payee.State
) -> None:
    world = story.run()
    assert world.payer.state is payer.State.RELEASED
    assert world.payee.state is payees_end
    assert books(world) == RELEASED


@pytest.mark.parametrize("step", ["2", "3", "4", "5", "9", "11", "13", "14", "16", "17"])
@pytest.mark.parametrize("fate", [Fate.LOST, Fate.ANSWER_LOST])
def test_an_answer_that_comes_at_the_repeat_ends_with_one_debit_and_one_credit(step: str, fate: Fate) -> None:
    world = Story({step: [fate, fate]}).run()
    assert (world.payer.state, world.payee.state) == (payer.State.SETTLED, payee.State.SETTLED)
    assert books(world) == PAID


@pytest.mark.parametrize(
    "fates",
    [
        pytest.param({"9": [Fate.ANSWER_LOST, Fate.INVALID]}, id="9 refused only at its repeat"),
        pytest.param({"13": [Fate.ANSWER_LOST, Fate.INVALID]}, id="13 refused only at its repeat"),
        pytest.param({"13": [Fate.INVALID_BEHIND]}, id="13 effect behind a refusal"),
        pytest.param({"16": FOREVER}, id="16 no answer, 16.1 asks"),
        pytest.param({"16": FOREVER, "16.1": INVALID}, id="16.1 failed validation"),
        pytest.param({"16": FOREVER, "16.1": SILENT}, id="16.1 no answer"),
        pytest.param({"16": FOREVER, "16.1 answer": SILENT}, id="16.1 its answer is lost"),
        pytest.param({"17": FOREVER}, id="17 no answer, 17.1 asks"),
        pytest.param({"17": INVALID}, id="17 failed validation, 17.1 asks"),
        pytest.param({"17": FOREVER, "17.1": INVALID}, id="17.1 failed validation"),
        pytest.param({"17": FOREVER, "17.1": SILENT}, id="17.1 no answer"),
        pytest.param({"17": FOREVER, "17.1 answer": SILENT}, id="17.1 its answer is lost"),
        pytest.param({"17": FOREVER, "17.1 answer": INVALID}, id="17.1 its answer failed validation"),
    ],
)
def test_what_is_doubtful_or_not_told_is_asked_for_and_ends_well(fates: Mapping[str, list[Fate]]) -> None:
    world = Story(fates).run()
    assert (world.payer.state, world.payee.state) == (payer.State.SETTLED, payee.State.SETTLED)
    assert books(world) == PAID


def test_16_1_a_payee_that_learns_nothing_stops_without_credit_and_a_late_ending_credits_once() -> None:
    story = Story({"16": FOREVER, "16.1": FOREVER})
    world = story.run()
    assert world.payee.state is payee.State.ABANDONED
    assert payee.Step.ALARM in world.payee.done
    assert books(world) == HELD
    for letter in list(world.letters):
        world.attempt(letter)
        world.stray(letter)
    assert world.payee.state is payee.State.SETTLED
    assert payee.Step.TELL_PAID_LATE in world.payee.done
    assert world.payee.credited == 1
    for letter in list(world.letters):
        world.attempt(letter)
    assert books(world) == PAID


def test_17_1_a_payer_that_learns_nothing_holds_for_as_long_as_it_takes() -> None:
    world = Story({"17": FOREVER, "17.1": FOREVER}).run()
    assert world.payer.state is payer.State.PENDING
    assert books(world) == (1, 0, 0, 1)
    assert world.payer.done.count(payer.Step.SPOOL_QUESTION) == ROUNDS


def test_9_an_order_that_is_lost_keeps_its_hold_until_it_can_arrive_no_more() -> None:
    world = Story({"9": FOREVER}, clocks=False).run()
    assert books(world) == HELD
    assert world.payer.state is payer.State.ORDERED
    world.payer.play(payer.Event.QUESTION_DUE)
    world.attempt(world.letters[0])
    assert books(world) == HELD  # a 404, but too early to mean anything
    world.long_over = True
    world.payer.play(payer.Event.QUESTION_DUE)
    world.attempt(world.letters[0])
    assert books(world) == RELEASED
