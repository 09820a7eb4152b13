"""A breaker for each destination, shared by the forwarder and by whoever calls directly; it survives restarts."""

import logging
from collections.abc import Callable
from dataclasses import replace

from spool.breaker import BreakerSettings, Circuit, CircuitState
from spool.store import Spool
from spool.transaction import Transaction, milliseconds

log = logging.getLogger(__name__)

_SAVE = """
INSERT INTO destination (name, breaker, unanswered, probes, probe_ms, last_answer_ms)
VALUES (:name, :breaker, :unanswered, :probes, :probe_ms, :last_answer_ms)
ON CONFLICT (name) DO UPDATE
   SET breaker = excluded.breaker, unanswered = excluded.unanswered, probes = excluded.probes,
       probe_ms = excluded.probe_ms, last_answer_ms = excluded.last_answer_ms
"""
_ANSWER_SAVED_EVERY_MS = 10_000  # the time of the last answer is a metric: it may be that old after a restart


class Breakers:
    """One for a store. Callers: `if breakers.allow(d): …` and then `answered(d)` or `unanswered(d)`."""

    def __init__(self, spool: Spool, settings: BreakerSettings | None = None) -> None:
        self._spool = spool
        self._settings = settings or BreakerSettings()
        self._circuits = spool.circuits
        self._saved_ms: dict[str, int] = {}
        self._listeners: list[Callable[[str], None]] = []

    def state(self, destination: str) -> CircuitState:
        """HALF_OPEN: the next caller is the probe, or one is on its way."""
        return self._circuit(destination).state(self._spool.clock.ms())

    def allow(self, destination: str) -> bool:
        """May a call be made now? While the breaker is open, True is given once: to the probe."""
        circuit, clock_ms = self._circuit(destination), self._spool.clock.ms()
        if not circuit.allows(clock_ms):
            return False
        if circuit.breaker is not CircuitState.CLOSED:
            self._circuits[destination] = circuit.probing(clock_ms, self._settings)
        return True

    def answered(self, destination: str) -> None:
        """The destination spoke, whatever it said."""
        before = self._circuit(destination)
        now_ms = milliseconds(self._spool.now())
        self._circuits[destination] = before.answered(now_ms)
        if before.breaker is not CircuitState.CLOSED:
            self._changed(destination)
        elif abs(now_ms - self._saved_ms.get(destination, 0)) >= _ANSWER_SAVED_EVERY_MS:
            self._saved_ms[destination] = now_ms
            self._save(destination)

    def unanswered(self, destination: str) -> None:
        """Silence, a refused connection, a garbled answer."""
        before = self._circuit(destination)
        after = before.silent(self._spool.clock.ms(), self._settings, self._spool.random.random())
        self._circuits[destination] = after
        if after.breaker is not before.breaker:
            self._changed(destination)

    def unused(self, destination: str) -> None:
        """The probe that `allow` let through did not go after all: the next caller may be it."""
        circuit = self._circuit(destination)
        if circuit.breaker is CircuitState.HALF_OPEN:
            self._circuits[destination] = replace(circuit, probe_ms=self._spool.clock.ms())

    def next_probe_ms(self, destination: str) -> int:
        """When `allow` may say True again, on the store's clock."""
        return self._circuit(destination).probe_ms

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have `listener` called with a destination whose breaker opened or closed."""
        self._listeners.append(listener)

    def _circuit(self, destination: str) -> Circuit:
        return self._circuits.get(destination, Circuit())

    def _changed(self, destination: str) -> None:
        state = self._circuits[destination].breaker
        log.warning("spool.breaker", extra={"destination": destination, "state": state.value})
        self._save(destination)
        for listener in self._listeners:
            listener(destination)

    def _save(self, destination: str) -> None:
        circuit = self._circuits[destination]
        self._spool.write_later(lambda tx: save_circuit(tx, destination, circuit))


def save_circuit(tx: Transaction, destination: str, circuit: Circuit) -> None:
    tx.execute(
        _SAVE,
        {
            "name": destination,
            "breaker": circuit.breaker,
            "unanswered": circuit.unanswered,
            "probes": circuit.probes,
            "probe_ms": circuit.probe_ms,
            "last_answer_ms": circuit.last_answer_ms,
        },
    )
