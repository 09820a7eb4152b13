"""What helps against each code that a screen, `doctor` or a test can show: the next step, who must come, and when.

One table for the customer's out-of-service screen, the service page, the command line and paper. A code is
`part.word`; most words mean the same whatever the part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from devices.actions import Who
from devices.selftest import When


@dataclass(frozen=True)
class Advice:
    """`step` names a text of `agent.texts.advice.STEPS`; empty: there is nothing to do."""

    step: str
    who: Who
    when: When


NOTHING: Final = Advice("", Who.NOBODY, When.SOON)
UNKNOWN: Final = Advice("read_log", Who.ENGINEER, When.NOW)

_STAFF, _ENGINEER, _NOBODY = Who.STAFF, Who.ENGINEER, Who.NOBODY
_NOW, _SOON = When.NOW, When.SOON

# fmt: off
_WORDS: Final[Mapping[str, Advice]] = MappingProxyType(
    {
        # any device
        "silent":                  Advice("check_cable", _STAFF, _NOW),
        "offline":                 Advice("check_cable", _STAFF, _NOW),
        "powerOff":                Advice("check_cable", _STAFF, _NOW),
        "noDevice":                Advice("check_cable", _STAFF, _NOW),
        "portLost":                Advice("check_cable", _STAFF, _NOW),
        "readerLost":              Advice("check_cable", _STAFF, _NOW),
        "noAnswer":                Advice("switch_off_on", _STAFF, _NOW),
        "portStalled":             Advice("switch_off_on", _STAFF, _NOW),
        "unrecoverable":           Advice("switch_off_on", _STAFF, _NOW),
        "error":                   Advice("switch_off_on", _STAFF, _NOW),
        "userError":               Advice("clear_device", _STAFF, _NOW),
        "hardwareError":           Advice("replace_device", _ENGINEER, _NOW),
        "internalError":           Advice("replace_device", _ENGINEER, _NOW),
        "lineNoise":               Advice("replace_device", _ENGINEER, _NOW),
        "fraudAttempt":            Advice("look_for_foreign_part", _STAFF, _NOW),
        "potentialFraud":          Advice("look_for_foreign_part", _STAFF, _NOW),
        "deviceBusy":              Advice("wait", _NOBODY, _SOON),
        "busy":                    Advice("wait", _NOBODY, _SOON),
        "starting":                Advice("wait", _NOBODY, _SOON),
        "overheated":              Advice("wait", _STAFF, _SOON),
        "portBusy":                Advice("end_other_program", _ENGINEER, _NOW),
        "readerInUse":             Advice("end_other_program", _ENGINEER, _NOW),
        "readerForbidden":         Advice("allow_reader", _ENGINEER, _NOW),
        "malformedAnswer":         Advice("compare_settings", _ENGINEER, _NOW),
        "notProved":               Advice("compare_settings", _ENGINEER, _NOW),
        # card reader
        "cardSilent":              Advice("try_another_card", _STAFF, _NOW),
        "cardsSilent":             Advice("replace_reader", _ENGINEER, _SOON),
        "cardLeft":                Advice("pull_card", _STAFF, _NOW),
        "insert_card":             Advice("test_again", _NOBODY, _SOON),
        "scan_any_code":           Advice("test_again", _NOBODY, _SOON),
        "take_card":               Advice("pull_card", _STAFF, _NOW),
        # PIN pad
        "no_keys":                 Advice("load_keys", _ENGINEER, _NOW),
        "keyNotFound":             Advice("load_keys", _ENGINEER, _NOW),
        "dukptOverflow":           Advice("load_keys", _ENGINEER, _NOW),
        "padMemory":               Advice("replace_device", _ENGINEER, _NOW),
        "ramFail":                 Advice("replace_device", _ENGINEER, _NOW),
        "romFail":                 Advice("replace_device", _ENGINEER, _NOW),
        "keyCrcFail":              Advice("replace_device", _ENGINEER, _NOW),
        "keypad":                  Advice("replace_device", _ENGINEER, _SOON),
        "display":                 Advice("replace_device", _ENGINEER, _SOON),
        # receipt printer
        "paper_out":               Advice("new_roll", _STAFF, _NOW),
        "paperOut":                Advice("new_roll", _STAFF, _NOW),
        "paper_low":               Advice("roll_ready", _STAFF, _SOON),
        "paperLow":                Advice("roll_ready", _STAFF, _SOON),
        "paper_unknown":           Advice("look_at_paper", _STAFF, _SOON),
        "paperUnknown":            Advice("look_at_paper", _STAFF, _SOON),
        "cover_open":              Advice("close_cover", _STAFF, _NOW),
        "coverOpen":               Advice("close_cover", _STAFF, _NOW),
        "cutterJammed":            Advice("clear_jam", _STAFF, _NOW),
        "paperJammed":             Advice("clear_jam", _STAFF, _NOW),
        "feedPressed":             Advice("clear_device", _STAFF, _NOW),
        "code_pages":              Advice("compare_settings", _ENGINEER, _SOON),
        # disk and clock
        "full":                    Advice("free_disk", _ENGINEER, _NOW),
        "low":                     Advice("free_disk", _ENGINEER, _NOW),
        "disk_full":               Advice("free_disk", _ENGINEER, _NOW),
        "store_failing":           Advice("replace_disk", _ENGINEER, _NOW),
        "lying":                   Advice("replace_disk", _ENGINEER, _SOON),
        "differs":                 Advice("set_clock", _ENGINEER, _NOW),
        "clock_wrong":             Advice("set_clock", _ENGINEER, _NOW),
        "clock_broken":            Advice("set_clock", _ENGINEER, _NOW),
        # certificates, a node's own or as the gateway's reason
        "expired":                 Advice("renew_certificate", _ENGINEER, _NOW),
        "certificate_expired":     Advice("renew_certificate", _ENGINEER, _NOW),
        "revoked":                 Advice("renew_certificate", _ENGINEER, _NOW),
        "certificate_revoked":     Advice("renew_certificate", _ENGINEER, _NOW),
        "unusable":                Advice("renew_certificate", _ENGINEER, _NOW),
        "foreign_ca":              Advice("compare_certificates", _ENGINEER, _NOW),
        "certificate_foreign_ca":  Advice("compare_certificates", _ENGINEER, _NOW),
        "wrong_name":              Advice("compare_certificates", _ENGINEER, _NOW),
        "certificate_wrong_name":  Advice("compare_certificates", _ENGINEER, _NOW),
        "not_accepted":            Advice("compare_certificates", _ENGINEER, _NOW),
        "certificate_not_accepted": Advice("compare_certificates", _ENGINEER, _NOW),
        "ends_soon":               Advice("renew_certificate", _ENGINEER, _SOON),
        "not_renewed":             Advice("renew_certificate", _ENGINEER, _SOON),
        # gateway, and what is behind it
        "unreachable":             Advice("check_network", _ENGINEER, _NOW),
        "card_host_unreachable":   Advice("ask_card_host", _ENGINEER, _NOW),
        "eport_breaker_open":      Advice("ask_eport", _NOBODY, _SOON),
        "stopping":                Advice("wait", _NOBODY, _SOON),
        "waits_for_a_person":      Advice("decide_list", _ENGINEER, _SOON),
        "not_acknowledged":        Advice("look_at_registries", _ENGINEER, _SOON),
        "registry_missing":        Advice("look_at_terminal", _ENGINEER, _SOON),
        "not_pinned":              Advice("pin_catalogue", _ENGINEER, _SOON),
        "no_store":                Advice("start_gateway", _ENGINEER, _NOW),
        "none":                    Advice("check_network", _ENGINEER, _NOW),
        "refused":                 Advice("check_catalogue", _ENGINEER, _SOON),
        # the terminal itself
        "maintenance":             Advice("leave_maintenance", _NOBODY, _SOON),
    }
)

_CODES: Final[Mapping[str, Advice]] = MappingProxyType(
    {
        "eport.unreachable":       Advice("ask_eport", _ENGINEER, _SOON),
        "printer.offline":         Advice("clear_device", _STAFF, _NOW),
    }
)
"""Where a word means something else at one part."""
# fmt: on


def advice_of(code: str) -> Advice:
    """For a code of something that is not well. What nobody has foreseen needs the log."""
    word = code.rpartition(".")[2]
    return _CODES.get(code) or _WORDS.get(word, UNKNOWN)


def who_comes(codes: Iterable[str]) -> tuple[Who, When]:
    """Of several the one who can do most, and the nearest time."""
    found = [advice_of(code) for code in codes]
    called = [advice for advice in found if advice.who is not Who.NOBODY]
    if not called:
        return Who.NOBODY, When.SOON
    who = Who.ENGINEER if any(advice.who is Who.ENGINEER for advice in called) else Who.STAFF
    when = When.NOW if any(advice.when is When.NOW for advice in called) else When.SOON
    return who, when
