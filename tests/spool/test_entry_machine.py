"""Entries against a model: whatever is asked in whatever order, and whenever the process dies."""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from spool import (
    Again,
    Delivered,
    KeyConflict,
    LeaseLost,
    NewEntry,
    NotForAPerson,
    Spool,
    SpoolSettings,
    ToPerson,
    close_entry,
    enqueue,
    requeue,
)
from spool.agenda import Quota
from spool.entry_states import State
from spool.lease import acknowledge, claim, take_back
from spool.worklist import close_by_person, id_of, retry_by_person, show

KEYS = st.sampled_from("abcdef")
LANES = ("one", "two")
VERDICTS = {"delivered": Delivered(), "again": Again(), "to_person": ToPerson("malformed")}
AFTER = {"delivered": State.DELIVERED, "again": State.READY, "to_person": State.TO_PERSON}
ENDED = {State.DELIVERED, State.CLOSED}


class Modelled:
    """What the model knows of an entry."""

    def __init__(self, payload, lane, due):
        self.payload = payload
        self.lane = lane
        self.due = due
        self.state = State.READY
        self.attempts = 0
        self.lines = 0
        self.held = None

    def ends(self, state):
        self.state = state
        self.attempts += 1
        self.lines += 1
        self.held = None


class EntryMachine(RuleBasedStateMachine):
    leases = Bundle("leases")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.time = datetime(2026, 11, 22, tzinfo=UTC)
        self.model = {}
        self.spool = None
        self.open()

    def teardown(self):
        self.run(self.spool.close())
        self.runner.close()
        self.folder.cleanup()

    def run(self, coroutine):
        return self.runner.run(coroutine)

    def write(self, fn, **how):
        return self.run(self.spool.write(fn, **how))

    def open(self):
        self.spool = self.run(
            Spool.open(
                Path(self.folder.name) / "spool.db",
                rooms=[],
                now=lambda: self.time,
                random=Random(1),
                threaded=False,
                settings=SpoolSettings(reserve_bytes=1),
            )
        )

    @rule(key=KEYS, payload=st.sampled_from([b"1", b"2"]), lane=st.sampled_from(LANES), later=st.booleans())
    def enqueues(self, key, payload, lane, later):
        due = self.time + timedelta(hours=1) if later else None
        new = NewEntry("letter", "eport", lane, key, payload, due_at=due)
        known = self.model.get(key)
        try:
            self.write(lambda tx: enqueue(tx, new))
        except KeyConflict:
            assert known.payload != payload
            return
        assert known is None or known.payload == payload
        self.model.setdefault(key, Modelled(payload, lane, due=not later))

    @rule(target=leases, lane=st.sampled_from(LANES))
    def claims_one(self, lane):
        [taken] = self.write(lambda tx: claim(tx, [Quota("eport", lane, 1)]), durable=False)
        may = {
            key
            for key, known in self.model.items()
            if known.lane == lane and known.state is State.READY and known.due
        }
        assert len(taken.claims) == min(1, len(may))
        if not taken.claims:
            return None
        held = taken.claims[0]
        assert held.entry.key in may
        known = self.model[held.entry.key]
        assert (held.entry.attempts, held.entry.payload) == (known.attempts, known.payload)
        known.state, known.held = State.CLAIMED, held
        return held

    @rule(held=leases, verdict=st.sampled_from(sorted(VERDICTS)))
    def acknowledges(self, held, verdict):
        if held is None:
            return
        known = self.model[held.entry.key]
        applied = []
        answer = VERDICTS[verdict]
        answer = type(answer)(**{**vars(answer), "apply": applied.append})
        try:
            self.write(lambda tx: acknowledge(tx, held, answer, due_ms=tx.clock_ms))
        except LeaseLost:
            assert known.held is not held
            assert not applied
            return
        assert known.held is held
        assert len(applied) == 1
        known.ends(State.CLOSED if known.state is State.CLOSED else AFTER[verdict])

    @rule(key=KEYS)
    def owner_closes(self, key):
        known = self.model.get(key)
        closed = self.write(lambda tx: close_entry(tx, key, "nothing left to send"))
        assert closed == (known is not None and known.state not in ENDED)
        if closed:
            known.state = State.CLOSED
            known.lines += 1

    @rule(key=KEYS)
    def owner_requeues(self, key):
        known = self.model.get(key)
        done = self.write(lambda tx: requeue(tx, key, "now"))
        assert done == (known is not None and known.state in {State.READY, State.TO_PERSON})
        if done:
            known.state, known.due = State.READY, True
            known.lines += 1

    @rule(key=KEYS, closes=st.booleans())
    def a_person_decides(self, key, closes):
        known = self.model.get(key)
        if known is None:
            return
        decide = close_by_person if closes else retry_by_person
        may = {State.TO_PERSON} if closes else {State.TO_PERSON, State.READY}
        try:
            self.write(lambda tx: decide(tx, id_of(tx, key), person="Aigul", reason="called"))
        except NotForAPerson:
            assert known.state not in may
            return
        assert known.state in may
        known.state = State.CLOSED if closes else State.READY
        known.due = known.due or not closes
        known.lines += 1

    @rule(hours=st.integers(-30, 30))
    def the_process_ends_and_starts_again_by_another_clock(self, hours):
        self.run(self.spool.close())
        self.time += timedelta(hours=hours)
        self.open()
        for known in self.model.values():
            known.due = known.due or hours >= 1

    @rule()
    def what_was_in_flight_is_taken_back(self):
        self.write(lambda tx: take_back(tx, lambda _kind, _attempts: 0))
        for known in self.model.values():
            if known.state is State.CLAIMED:
                known.ends(State.READY)
                known.due = True

    @invariant()
    def the_store_says_what_the_model_says(self):
        for key, known in self.model.items():
            shown = self.run(self.spool.read(lambda tx, key=key: show(tx, id_of(tx, key))))
            assert shown.listed.state is known.state
            assert shown.listed.attempts == known.attempts
            assert len(shown.history) == known.lines


EntryMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestEntryMachine = EntryMachine.TestCase
