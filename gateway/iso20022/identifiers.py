"""Identifiers of the transfers platform: bank id, day, 13 random characters (PROTOCOLS §3.2).

MsgId, EndToEndId, TxId and a link's id have this form. We send 24 characters and accept 1 to 35 of the
same alphabet (`formats.IDENTIFIER`); case counts.

>>> new_identifier("TLM", date(2026, 11, 22), lambda count: bytes(count))
'TLM202611220000000000000'
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"  # 64: no bias in 6 bits
RANDOM_CHARACTERS: Final = 13

_BANK_ID = re.compile(r"[0-9A-Za-z]{3}")


class NotABankIdError(ValueError):
    """A bank's id is three letters or digits."""


def new_identifier(bank_id: str, day: date, random_bytes: Callable[[int], bytes]) -> str:
    """24 characters. `day` is the bank's business day; `random_bytes` a CSPRNG's."""
    if _BANK_ID.fullmatch(bank_id) is None:
        raise NotABankIdError("a bank's id is three letters or digits")
    noise = "".join(ALPHABET[byte & 63] for byte in random_bytes(RANDOM_CHARACTERS))
    return f"{bank_id}{day:%Y%m%d}{noise}"


def bank_id_of(link_id: str) -> str:
    """The payee's bank, which the first three characters of a link's id name (PROTOCOLS §3, step 3)."""
    return link_id[:3]
