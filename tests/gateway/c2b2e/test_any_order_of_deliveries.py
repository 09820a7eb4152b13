"""Shuffled, repeated, delayed and lost deliveries between our tables and a model platform: one debit and one credit, or neither."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.c2b2e import payee, payer
from tests.gateway.c2b2e.transfer_model import TO_PLATFORM, Fate, World

COMMITTED = {"COMMITTED", "SETTLED"}
ORDERED = {payer.State.ORDERED, payer.State.PENDING}


class Transfer(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize(smooth=st.integers(4, 12), troubles=st.lists(st.sampled_from(Fate), max_size=3))
    def the_first_steps_go_well(self, smooth: int, troubles: list[Fate]) -> None:
        """Trouble begins anywhere behind the details, with which no money moves."""
        for fate in [*[Fate.ARRIVES] * smooth, *troubles]:
            self._people_and_hosts()
            if self.world.letters:
                self._attempt(0, fate)

    def _people_and_hosts(self) -> None:
        if self.world.payer.state is payer.State.DETAILED:
            self.world.payer.confirm()
            self.world.payer.hold()
        if self.world.payee.state is payee.State.CHECKING:
            self.world.payee.play(payee.Event.BENEFICIARY_FIT)

    # letters

    @precondition(lambda self: self.world.letters)
    @rule(place=st.integers(0, 99), fate=st.sampled_from(Fate))
    def attempt(self, place: int, fate: Fate) -> None:
        self._attempt(place, fate)

    def _attempt(self, place: int, fate: Fate) -> None:
        letter = self.world.letters[place % len(self.world.letters)]
        if fate is Fate.INVALID_BEHIND and letter.kind not in TO_PLATFORM:
            fate = Fate.ANSWER_LOST
        self.world.attempt(letter, fate)

    @precondition(lambda self: self.world.letters)
    @rule()
    def next_arrives(self) -> None:
        self.world.attempt(self.world.letters[0])

    @precondition(lambda self: self.world.astray)
    @rule(place=st.integers(0, 99))
    def a_copy_arrives_late(self, place: int) -> None:
        self.world.stray(self.world.astray[place % len(self.world.astray)])

    # people and card hosts

    @precondition(lambda self: self.world.payer.state is payer.State.DETAILED)
    @rule()
    def customer_confirms(self) -> None:
        self.world.payer.confirm()

    @precondition(lambda self: self.world.payer.state is payer.State.HOLDING)
    @rule()
    def hold_is_approved(self) -> None:
        self.world.payer.hold()

    @precondition(lambda self: self.world.payer.state is payer.State.HOLDING)
    @rule(event=st.sampled_from([payer.Event.HOLD_DECLINED, payer.Event.UNANSWERED]))
    def hold_fails(self, event: payer.Event) -> None:
        self.world.payer.play(event)

    @precondition(lambda self: self.world.payee.state is payee.State.CHECKING)
    @rule(event=st.sampled_from([*[payee.Event.BENEFICIARY_FIT] * 3, payee.Event.BENEFICIARY_UNFIT]))
    def beneficiary_is_checked(self, event: payee.Event) -> None:
        self.world.payee.play(event)

    @rule()
    def reversal_is_acknowledged(self) -> None:
        self.world.payer.card_host_answers()

    # clocks and power

    @rule()
    def payer_asks(self) -> None:
        self.world.payer.play(payer.Event.QUESTION_DUE)

    @rule()
    def payee_asks_or_gives_up(self) -> None:
        self.world.payee.deadline()

    @precondition(lambda self: self.world.payer.state in ORDERED)
    @rule(dice=st.integers(0, 5))
    def life_ends_and_long_after(self, dice: int) -> None:
        if dice == 5:
            self.world.long_over = self.world.life_over
            self.world.end_life()

    @precondition(lambda self: self.world.payer.state is not payer.State.HOLDING)
    @rule()
    def payer_restarts(self) -> None:
        self.world.payer.play(payer.Event.RESTARTED)

    @rule()
    def payee_restarts(self) -> None:
        self.world.payee.play(payee.Event.RESTARTED)

    # what holds at every moment

    @invariant()
    def a_hold_is_captured_or_released_and_once(self) -> None:
        assert self.world.payer.captured + self.world.payer.released <= 1

    @invariant()
    def a_payee_is_credited_once_and_only_after_the_commit(self) -> None:
        assert self.world.payee.credited <= (self.world.platform.state in COMMITTED)

    @invariant()
    def a_payer_is_debited_only_after_the_payee_is_credited(self) -> None:
        assert self.world.payer.captured <= self.world.payee.credited

    @invariant()
    def what_is_committed_is_still_held_or_captured(self) -> None:
        if self.world.platform.state in COMMITTED:
            assert self.world.payer.held + self.world.payer.captured == 1

    def teardown(self) -> None:
        """Every line works again, and clocks go on: the books are even, and no hold is forgotten."""
        for turn in range(8):
            self._let_go()
            self.world.payer.play(payer.Event.DETAILS_OVERDUE)
            self.world.payer.play(payer.Event.CANCELLED)
            self.world.payer.play(payer.Event.QUESTION_DUE)
            self.world.payee.deadline()
            self.world.platform.report("ERROR")
            if turn > 1:
                self.world.end_life()
                self.world.long_over = True
        assert self.world.payer.state in payer.FINAL
        assert self.world.payer.held == 0
        assert self.world.payer.captured == self.world.payee.credited
        assert self.world.payee.state not in {payee.State.CHECKING, payee.State.PENDING}
        super().teardown()

    def _let_go(self) -> None:
        while self.world.letters:
            self.world.attempt(self.world.letters[0])
        if self.world.payer.state is payer.State.HOLDING:
            self.world.payer.play(payer.Event.RESTARTED)
        self._people_and_hosts()
        self.world.payer.card_host_answers()


Transfer.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestTransfer = Transfer.TestCase
