"""What can go wrong at a device, in words for a person, and as a script of `devices.emulators.script`. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

WELL: Final = "well"
_MANY: Final = 1_000_000  # frames, APDUs: until it is told to be well


class Ailment(NamedTuple):
    says: str
    script: str  # without the device's name: `hang_at=3 @1 plug`


_WELL: Final = Ailment("is well", "plug")
_UNPLUGGED: Final = Ailment("is unplugged", "unplug")
_MOVED: Final = Ailment("is plugged in elsewhere", "unplug @2 plug")

AILMENTS: Final[Mapping[str, Mapping[str, Ailment]]] = MappingProxyType(
    {
        "card": {
            WELL: _WELL,
            "hangs": Ailment("hangs at a command", "hang_at=3"),
            "pulled": Ailment("is pulled in the middle", "pull_at=5"),
            "reader_goes": Ailment("reader goes in the middle", "unplug_at=4"),
            "unplugged": Ailment("reader is unplugged", "unplug"),
        },
        "pad": {
            WELL: _WELL,
            "hangs": Ailment("hangs", "silent"),
            "noise": Ailment("noise on its line", "noise"),
            "wrong_lrc": Ailment("wrong LRC, twice", "wrong_lrc=2"),
            "always_wrong_lrc": Ailment("wrong LRC, always", f"wrong_lrc={_MANY}"),
            "slow": Ailment("slow line", "slow=0.05"),
            "split": Ailment("bytes come one by one", "split"),
            "refuses": Ailment("refuses every PIN", "refuse"),
            "unplugged": _UNPLUGGED,
            "moved": _MOVED,
        },
        "printer": {
            WELL: _WELL,
            "hangs": Ailment("hangs", "silent"),
            "noise": Ailment("noise on its line", "noise"),
            "slow": Ailment("slow line", "slow=400"),
            "out_in_the_middle": Ailment("paper ends in mid-job", "out_after=600"),
            "cutter": Ailment("cutter jams", "cutter"),
            "unproved": Ailment("does not prove its work", "unproved"),
            "unplugged": _UNPLUGGED,
            "moved": _MOVED,
        },
        "scanner": {
            WELL: _WELL,
            "noise": Ailment("noise on its line", "noise"),
            "split": Ailment("bytes come one by one", "split"),
            "endless": Ailment("ends of codes get lost", "endless"),
            "unplugged": _UNPLUGGED,
            "moved": _MOVED,
        },
    }
)
"""By the device's name in scripts; the first of each is the one to begin with."""


def all_well() -> dict[str, str]:
    return dict.fromkeys(AILMENTS, WELL)


def script(device: str, ailment: str) -> str:
    """From whatever it had before to this one; KeyError for one that does not exist."""
    words = f"well plug {AILMENTS[device][ailment].script}".split()
    return " ".join(word if word.startswith("@") else f"{device}.{word}" for word in words)
