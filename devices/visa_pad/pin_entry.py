"""How a PIN is asked for: the messages for either key scheme, and ending an entry that is over."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from devices.errors import PortError
from devices.port import Port
from devices.visa_pad import commands
from devices.visa_pad.commands import Command
from devices.visa_pad.frames import UnsendableError
from devices.visa_pad.link import Link, LinkError

PIN_PROMPT: Final = "ENTER PIN"
ASCII: Final = "ascii"


@dataclass(frozen=True, repr=False)
class MasterSession:
    """MK/SK instead of DUKPT: a master key's place and, if the pad wants one, the session key under it."""

    key: int
    session_key: str | None = None

    def __repr__(self) -> str:
        return f"MasterSession(key={self.key})"


def entry_commands(
    *,
    account: str,
    amount_text: str,
    master_session: MasterSession | None,
    code_page: str,
    prompts: Sequence[str] = (),
) -> Sequence[Command]:
    """The last one asks for the PIN; those before it prepare the pad. Raises UnsendableError.

    DUKPT lets the pad show the amount (`70`), in its own words. A pad with more letters than ASCII's is given
    ours; so is any for MK/SK, and for an amount too long for `70`.
    """
    plain = "".join(amount_text.split()).replace(",", ".").strip("₸KZT")
    ours = next((prompt for prompt in prompts if _has_letters_for(prompt, code_page)), None)
    own_words = code_page == ASCII or ours is None
    if master_session is None and own_words and commands.fits_amount(plain):
        return [commands.enter_pin_with_amount(account, plain)]
    prompt = commands.display(encode_lines([plain, ours or PIN_PROMPT], code_page))
    if master_session is None:
        return [prompt, commands.enter_pin(account)]
    return [
        commands.select_key(master_session.key),
        prompt,
        commands.enter_pin(account, master_session.session_key),
    ]


def encode_lines(lines: Sequence[str], code_page: str) -> list[bytes]:
    """Raises UnsendableError for a character that the display cannot show: never a `?` in its place."""
    try:
        return [line.encode(code_page) for line in lines]
    except UnicodeEncodeError as error:
        raise UnsendableError(f"the display has no {error.object[error.start]!r}") from None


def _has_letters_for(text: str, code_page: str) -> bool:
    with contextlib.suppress(UnsendableError):
        return bool(encode_lines([text], code_page))
    return False


class OpenEntry:
    """Whether the pad may be waiting for a person, over commands, losses and restarts of ours."""

    def __init__(self, port: Port, link: Link) -> None:
        self._port = port
        self._link = link
        self._perhaps = True  # an entry of an earlier life of ours may be open still

    def begin(self) -> None:
        self._perhaps = True

    def ended(self) -> None:
        self._perhaps = False

    async def end(self) -> None:
        """Bring the pad back to idle if it may not be; if it says nothing, the next command tries again."""
        if self._perhaps:
            with contextlib.suppress(LinkError, PortError):
                await self._port.open()  # whoever cancelled us in the middle of a write closed it
                await self._link.cancel(commands.CANCEL)
                self._perhaps = False
