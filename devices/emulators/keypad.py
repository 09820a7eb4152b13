"""What a person sees and touches on an emulated PIN pad: its display and its keys."""

import asyncio
from collections.abc import Callable
from typing import Final

IDLE: Final = ("WELCOME",)
DONE: Final = ("PIN PAD", "PROCESSING")
SHORTEST_PIN, LONGEST_PIN = 4, 12


class Keypad:
    """Keys do something only while a PIN is asked for. `auto_pin` is typed and entered by itself."""

    def __init__(self, *, auto_pin: str | None = None, entry_seconds: float = 270.0) -> None:
        self.auto_pin = auto_pin
        self.on_display: Callable[[tuple[str, ...]], None] = lambda _: None  # of new lines or a question
        self.asked = asyncio.Event()  # set while a person is asked for a PIN
        self.display: tuple[str, ...] = IDLE
        self._entry_seconds = entry_seconds
        self._digits = ""
        self._prompt: tuple[str, ...] = ()
        self._entered: Callable[[str], None] = lambda _: None
        self._cancelled: Callable[[], None] = lambda: None
        self._time_out: asyncio.TimerHandle | None = None

    def press(self, digits: str) -> None:
        """Type digits; those beyond the twelfth only beep."""
        self._type((self._digits + digits)[:LONGEST_PIN])

    def clear(self) -> None:
        self._type("")

    def enter(self) -> None:
        """Fewer than four digits only beep."""
        if self.asked.is_set() and len(self._digits) >= SHORTEST_PIN:
            pin = self._digits
            self.stop(DONE)
            self._entered(pin)

    def cancel(self) -> None:
        """The CANCEL key, or nobody finished in time."""
        if self.asked.is_set():
            self.stop()
            self._cancelled()

    def show(self, lines: tuple[str, ...]) -> None:
        if lines != self.display:
            self.display = lines
            self.on_display(lines)

    def ask(
        self,
        prompt: tuple[str, ...],
        *,
        entered: Callable[[str], None],
        cancelled: Callable[[], None],
    ) -> None:
        """Ask for a PIN; a question that was open is forgotten."""
        self.stop(prompt)
        self._prompt, self._entered, self._cancelled = prompt, entered, cancelled
        self._time_out = asyncio.get_running_loop().call_later(self._entry_seconds, self.cancel)
        self.asked.set()
        self.on_display(prompt)  # the lines may have stood there before the question
        if self.auto_pin is not None:
            self.press(self.auto_pin)
            self.enter()

    def stop(self, lines: tuple[str, ...] = IDLE) -> None:
        """Ask for nothing any more, telling nobody."""
        self._digits = ""
        self.asked.clear()
        if self._time_out is not None:
            self._time_out.cancel()
            self._time_out = None
        self.show(lines)

    def _type(self, digits: str) -> None:
        if self.asked.is_set():
            self._digits = digits
            self.show((*self._prompt, "*" * len(digits)))
