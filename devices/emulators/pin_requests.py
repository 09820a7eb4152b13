"""What a PIN pad reads in a PIN request, and the `71` that it answers: the pad's half of PROTOCOLS §6."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from devices.emulators.dukpt import FutureKeys, KeysUsedUpError, encrypt_pin, tdes

_AMOUNT_REQUEST: Final = re.compile(rb"7[06](?P<account>[^\x1c]*)\x1c(?P<indicator>.?)(?P<amount>.*)")
_PROMPTED_REQUEST: Final = re.compile(rb"Z60\.(?P<account>[^\x1c]*)(?:\x1c(?P<session_key>[0-9A-F]{16,32}))?")
_AMOUNT: Final = re.compile(r"(?=.{4,8}$)[0-9]+\.[0-9]{2}", re.ASCII)

SHORTEST_ACCOUNT, LONGEST_ACCOUNT = 8, 19


class RequestRefusedError(Exception):
    """The pad takes no PIN for this request; `message` is its `71` with the manual's code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.message = b"71" + code.encode("ascii")


@dataclass(frozen=True, repr=False)
class PinRequest:
    """A PIN that is wanted. `amount` is shown by the pad itself; None if the prompt stands already."""

    account: str
    amount: str | None = None
    session_key: bytes | None = None


def read_pin_request(message: bytes) -> PinRequest:
    """`70`, `76` or `Z60.`. Raises RequestRefusedError with the manual's code."""
    if found := _AMOUNT_REQUEST.fullmatch(message):
        amount = found["amount"].decode("latin-1")
        if found["indicator"] not in {b"D", b"C"}:
            raise RequestRefusedError("5")
        if _AMOUNT.fullmatch(amount) is None:
            raise RequestRefusedError("8")
        return PinRequest(_account(found["account"]), amount)
    if found := _PROMPTED_REQUEST.fullmatch(message):
        key = found["session_key"]
        return PinRequest(_account(found["account"]), session_key=key and bytes.fromhex(key.decode("ascii")))
    raise RequestRefusedError("5")


def dukpt_answer(request: PinRequest, pin: str, keys: FutureKeys) -> bytes:
    """`71` with flag, KSN without its leading F digits, and block. Takes one key."""
    try:
        pin_key = keys.next_pin_key()
    except KeysUsedUpError:
        raise RequestRefusedError("F") from None
    block = encrypt_pin(pin, request.account, pin_key.key)
    return b"710" + _hex(pin_key.ksn).lstrip(b"F") + _hex(block)


def master_session_answer(
    request: PinRequest, pin: str, *, master_keys: Mapping[int, bytes], selected: int
) -> bytes:
    """`71.` with flag, PIN length, format 01 and block, under the session key or the master key itself."""
    master_key = master_keys.get(selected)
    if master_key is None:
        raise RequestRefusedError("A")
    key = _session_key(request.session_key, master_key) if request.session_key else master_key
    return b"71.0%02d01" % len(pin) + _hex(encrypt_pin(pin, request.account, key))


def _session_key(encrypted: bytes, master_key: bytes) -> bytes:
    blocks = (encrypted[at : at + 8] for at in range(0, len(encrypted), 8))
    return b"".join(tdes(master_key, block, decrypt=True) for block in blocks)


def _account(digits: bytes) -> str:
    refusals = {
        "0": not digits,
        "4": not digits.isdigit(),
        "2": len(digits) < SHORTEST_ACCOUNT,
        "3": len(digits) > LONGEST_ACCOUNT,
    }
    for code, refused in refusals.items():
        if refused:
            raise RequestRefusedError(code)
    return digits.decode("ascii")


def _hex(data: bytes) -> bytes:
    return data.hex().upper().encode("ascii")
