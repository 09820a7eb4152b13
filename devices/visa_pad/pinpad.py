"""The driver of a VISA / VeriFone PIN pad: the wire of PROTOCOLS §6 behind `interfaces.PinPad`.

The clear PIN never reaches us. A PIN entry that ends by its deadline or by cancellation is ended on the
pad too (`72`), so that nobody types into a payment that is over.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from devices.errors import PortLostError
from devices.interfaces import Completion, DeviceState, PinBlock, Result, Status
from devices.port import Port
from devices.shared_question import SharedQuestion
from devices.visa_pad import commands
from devices.visa_pad.commands import Command, PinRefused
from devices.visa_pad.failures import FAILURES, refusal, result_of, status_of
from devices.visa_pad.link import Link, NoAnswerError, PadTimers, RefusedError
from devices.visa_pad.pin_entry import MasterSession, OpenEntry, encode_lines, entry_commands
from devices.witness import NOBODY, Witness

T = TypeVar("T")

TEST_ACCOUNT: Final = "0" * 16  # nobody's
TEST_AMOUNT: Final = "1.00"


class VisaPad:
    """Implements `interfaces.PinPad`. `code_page`: what the pad's display understands."""

    def __init__(
        self,
        port: Port,
        *,
        master_session: MasterSession | None = None,
        code_page: str = "ascii",
        timers: PadTimers = PadTimers(),  # noqa: B008 - frozen
        witness: Witness = NOBODY,
    ) -> None:
        self._port = port
        self._timers = timers
        self._witness = witness
        self._link = Link(port, timers, witness)
        self._entry = OpenEntry(port, self._link)
        self._master_session = master_session
        self._code_page = code_page
        self._queue = asyncio.Lock()
        self._status = SharedQuestion(self._ask_status)
        self._keys = "unknown"
        self._closed = False

    async def status(self) -> Status:
        """By a connection test. `measured` has `keys`: loaded, notLoaded, or unknown until one was used."""
        return await self._status.ask()

    async def show(self, lines: Sequence[str]) -> Result[None]:
        """One to nine lines. INVALID_DATA: the pad's code page lacks a character."""
        return await self._run(lambda: self._done(commands.display(encode_lines(lines, self._code_page))))

    async def enter_pin(
        self, *, pan: str, amount_text: str, deadline_seconds: float, prompts: Sequence[str] = ()
    ) -> Result[PinBlock]:
        """CANCELED: by the customer, or by the pad's own time-out. TIME_OUT: by our deadline."""
        end = asyncio.get_running_loop().time() + deadline_seconds
        asking = partial(
            entry_commands,
            account=pan,
            amount_text=amount_text,
            master_session=self._master_session,
            code_page=self._code_page,
            prompts=prompts,
        )
        return await self._run(lambda: self._enter_pin(asking, end))

    async def self_test(self) -> Result[Mapping[str, str]]:
        """The pad's own test, and a proof of its keys that needs nobody. Takes one DUKPT key."""
        return await self._run(self._self_test)

    async def connection_test(self) -> Result[None]:
        return await self._run(lambda: self._done(commands.CONNECTION_TEST))

    async def diagnostic(self, name: str) -> Result[None]:
        """One of `commands.DIAGNOSTICS`; its outcome stands on the pad's own display."""
        command = commands.diagnostic(commands.DIAGNOSTICS[name])
        return await self._run(lambda: self._done(command, self._timers.diagnostic_seconds))

    async def serial_number(self) -> Result[str]:
        return await self._run(lambda: self._ask(commands.SERIAL_NUMBER, commands.parse_serial_number))

    async def key_present(self, key: int) -> Result[bool]:
        """Is there a master key in this place, 0 to 9?"""
        return await self._run(lambda: self._ask(commands.key_present(key), commands.parse_key_present))

    async def select_key(self, key: int) -> Result[None]:
        return await self._run(lambda: self._done(commands.select_key(key)))

    async def close(self) -> None:
        self._closed = True
        await self._port.close()

    async def _ask_status(self) -> Status:
        if self._queue.locked():
            return Status(DeviceState.DEVICE_BUSY, {"keys": self._keys})
        try:
            async with self._queue:
                await self._exchange(commands.CONNECTION_TEST)
        except FAILURES as error:
            status = status_of(error, {"keys": self._keys})
        else:
            status = Status(DeviceState.ONLINE, {"keys": self._keys})
        self._witness.status_told(status)
        return status

    async def _run(self, work: Callable[[], Awaitable[Result[T]]]) -> Result[T]:
        """One command at a time; whatever the pad or its line does wrong is a result."""
        async with self._queue:
            try:
                result = await work()
            except FAILURES as error:
                result = result_of(error)
        self._witness.result_told(result)
        return result

    async def _make_ready(self) -> None:
        if self._closed:
            raise PortLostError("closed by us")
        await self._port.open()
        await self._entry.end()

    async def _exchange(self, command: Command, deadline_seconds: float | None = None) -> bytes:
        await self._make_ready()
        answer = await self._link.exchange(command, deadline_seconds or self._timers.answer_seconds)
        return answer.message if answer else b""

    async def _done(self, command: Command, deadline_seconds: float | None = None) -> Result[None]:
        await self._exchange(command, deadline_seconds)
        return Result(Completion.SUCCESS)

    async def _ask(self, command: Command, parse: Callable[[bytes], T]) -> Result[T]:
        return Result(Completion.SUCCESS, parse(await self._exchange(command)))

    async def _enter_pin(self, asking: Callable[[], Sequence[Command]], end: float) -> Result[PinBlock]:
        *prepare, ask = asking()
        for command in prepare:
            await self._exchange(command)
        try:
            return await self._ask_pin(ask, end - asyncio.get_running_loop().time())
        except NoAnswerError:
            return Result(Completion.TIME_OUT, detail="nobody finished the PIN in time")
        except RefusedError:
            return Result(Completion.CANCELED, detail="EOT: cancelled, timed out or refused at the pad")

    async def _ask_pin(self, command: Command, deadline_seconds: float) -> Result[PinBlock]:
        await self._make_ready()
        self._entry.begin()
        try:
            answer = await self._link.exchange(command, deadline_seconds)
        except RefusedError:
            self._entry.ended()
            raise
        except (NoAnswerError, asyncio.CancelledError):
            if not self._closed:
                await self._entry.end()
            raise
        self._entry.ended()
        return self._judge(commands.parse_pin(answer.message if answer else b""))

    def _judge(self, answer: PinBlock | PinRefused) -> Result[PinBlock]:
        if isinstance(answer, PinBlock):
            self._keys = "loaded"
            return Result(Completion.SUCCESS, answer)
        refused = refusal(answer)
        if refused.error == "keyNotFound":
            self._keys = "notLoaded"
        return refused

    async def _self_test(self) -> Result[Mapping[str, str]]:
        failures = commands.parse_self_test(await self._exchange(commands.SELF_TEST))
        if failures:
            return Result(Completion.HARDWARE_ERROR, error=failures[0], detail=", ".join(failures))
        proof = await self._prove_keys()
        if not proof.succeeded:
            return Result(proof.completion, error=proof.error, detail=proof.detail)
        return Result(Completion.SUCCESS, {"selfTest": "good", "keys": self._keys})

    async def _prove_keys(self) -> Result[PinBlock] | Result[bool]:
        if self._master_session is None:
            return await self._ask_pin(
                commands.try_pin_path(TEST_ACCOUNT, TEST_AMOUNT), self._timers.answer_seconds
            )
        present = await self._ask(commands.key_present(self._master_session.key), commands.parse_key_present)
        self._keys = "loaded" if present.value else "notLoaded"
        if present.value:
            return present
        return Result(Completion.COMMAND_ERROR, error="keyNotFound", detail="no master key in its place")
