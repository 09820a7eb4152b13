"""Who e-port's subscribers are: made up from the account, so that any account works. Pure.

An account whose last six characters are in `SPECIAL` behaves as that row says; every other one is
accepted. The product does not matter. `./tolem`'s masks decide which of them a terminal can type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

_SUFFIX = 6


@dataclass(frozen=True)
class Reply:
    result: int
    final: bool = True


ACCEPTED: Final = Reply(0)
NOT_FINISHED: Final = Reply(90, final=False)


@dataclass(frozen=True)
class Behaviour:
    """What e-port answers for an account.

    `meanwhile` is said to the first `asks` askings of a payment (bank_payment, its repeats and
    bank_status alike), then it ends with `end`; `asks` None: it never ends by itself.
    `conflict`: the payment is answered 215 and is in no book.
    """

    says: str
    check: Reply = ACCEPTED
    meanwhile: Reply = NOT_FINISHED
    asks: int | None = 0
    end: Reply = ACCEPTED
    cancellable: bool = True
    conflict: bool = False


ORDINARY: Final = Behaviour("accepted at once")

_CHECK_REFUSED: Final[Mapping[int, str]] = {
    4: "bad account format",
    5: "not found",
    7: "forbidden",
    8: "technical ban",
    79: "inactive",
    241: "sum too small",
    242: "sum too large",
    243: "state unknown",
    300: "other provider error",
    999: "a result that no table has",
}
_PAYMENT_REFUSED: Final[Mapping[int, str]] = {
    4: "bad account format",
    5: "not found",
    7: "forbidden",
    17: "account differs from the check",
    18: "sum differs from the check",
    19: "check already served",
    38: "more than an hour since the check",
    79: "inactive",
    241: "sum too small",
    242: "sum too large",
}
_PAYMENT_IN_DOUBT: Final[Mapping[int, str]] = {
    8: "technical ban",
    243: "state unknown",
    300: "other provider error",
    999: "a result that no table has",
}

SPECIAL: Final[Mapping[str, Behaviour]] = {
    # 900…: the check ends it
    **{
        f"900{code:03d}": Behaviour(f"check refused {code}: {why}", check=Reply(code))
        for code, why in _CHECK_REFUSED.items()
    },
    "900001": Behaviour("check answered 1, not final: temporary", check=Reply(1, final=False)),
    "900002": Behaviour("check answered 0, but not final", check=Reply(0, final=False)),
    "900090": Behaviour("check answered 90: not finished", check=NOT_FINISHED),
    "900215": Behaviour("check answered 215: same txn_id, other content", check=Reply(215)),
    # 911…: the check is accepted, the payment is not, or not at once
    **{
        f"911{code:03d}": Behaviour(f"payment refused {code}: {why}", end=Reply(code))
        for code, why in _PAYMENT_REFUSED.items()
    },
    **{
        f"911{code:03d}": Behaviour(
            f"payment answered {code} final twice ({why}), then accepted", meanwhile=Reply(code), asks=2
        )
        for code, why in _PAYMENT_IN_DOUBT.items()
    },
    "911000": Behaviour("payment answered 0, but not final, twice; then accepted", Reply(0), Reply(0, final=False), 2),
    "911001": Behaviour("payment answered 1 twice, then accepted", meanwhile=Reply(1, final=False), asks=2),
    "911090": Behaviour("payment answered 90 three times, then accepted", asks=3),
    "911215": Behaviour("payment answered 215; e-port has no such payment", conflict=True),
    "911251": Behaviour("accepted at once; bank_cancel is answered 251", cancellable=False),
    # 922…: in doubt at first, refused at last
    "922090": Behaviour("payment answered 90 three times, then refused 5", asks=3, end=Reply(5)),
    "922300": Behaviour(
        "payment answered 300 final twice, then refused 7", meanwhile=Reply(300), asks=2, end=Reply(7)
    ),
    # 933…: in doubt until somebody decides (PUT /payments/{txn_id} of the sandbox's own API)
    "933090": Behaviour("payment answered 90 for ever", asks=None),
    "933300": Behaviour("payment answered 300 final for ever", meanwhile=Reply(300), asks=None),
}  # fmt: skip


def behaviour_of(account: str) -> Behaviour:
    return SPECIAL.get(account[-_SUFFIX:], ORDINARY)


@dataclass(frozen=True)
class Subscriber:
    """`debt` is in tiyn."""

    name: str
    address: str
    debt: int


_NAMES: Final = (
    "А***",
    "Б***",
    "Г***",
    "Д***",
    "Е***",
    "Ж***",
    "И***",
    "М***",
    "Н***",
    "С***",
    "Ә***",
    "Қ***",
)
_INITIALS: Final = "АБДЕЖКМНРСТӘҚҰ"
_STREETS: Final = ("Абая", "Достык", "Сатпаева", "Толе би", "Кабанбай батыра", "Жибек жолы")
_DEBT_LARGEST: Final = 25_000_00


def subscriber_of(product: str, account: str) -> Subscriber:
    """The same for the same product and account, in every run."""
    dice = sha256(f"{product}\n{account}".encode()).digest()
    has_debt = dice[0] % 4 != 0
    return Subscriber(
        name=f"{_NAMES[dice[1] % len(_NAMES)]} {_INITIALS[dice[2] % len(_INITIALS)]}.",
        address=f"ул. {_STREETS[dice[3] % len(_STREETS)]}, {dice[4] % 200 + 1}",
        debt=int.from_bytes(dice[5:9]) % _DEBT_LARGEST + 1 if has_debt else 0,
    )
