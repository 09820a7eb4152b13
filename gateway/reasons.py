"""Why a payment or a check came to nothing, as stable codes: whose part it is, and may a repeat help.

`card.NN` is the card host's field 39, `eport.N` e-port's result, `iso.CODE` what the payee's bank or the
transfers platform says (`gateway.iso20022.codes`), `link.…` why a payment link is none, a code without a dot
our own. The texts in three languages belong to the terminal, which looks them up by these codes; a code with
no row of its own is told as the `other` of its family.

>>> reason_of(card_reason("51"))
Reason(code='card.51', part=<Part.PAYER: 'payer'>, repeat_may_help=False)
>>> reason_of("card.N7")
Reason(code='card.N7', part=<Part.ISSUER: 'issuer'>, repeat_may_help=False)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

CANCELLED_BY_ORDER: Final = "cancelled_by_order"
OWN_BANK: Final = "link.own_bank"


class Part(StrEnum):
    """Who can do something about it."""

    PAYER = "payer"  # other requisites, another sum, another card, the right PIN
    ISSUER = "issuer"  # the bank that gave out the card
    PROVIDER = "provider"  # the service's provider, or e-port; of a link, the payee and its bank
    BANK = "bank"  # the bank of this terminal, or the terminal


@dataclass(frozen=True)
class Reason:
    """`repeat_may_help`: the same payment, started again by the payer, may succeed later."""

    code: str
    part: Part
    repeat_may_help: bool


def card_reason(response_code: str | None) -> str:
    """The code of field 39 in a 0110; without one, nothing was ever sent."""
    return "card_unusable" if response_code is None else f"card.{response_code}"


def eport_reason(result: int | None) -> str:
    """The code of e-port's result; without one, there was no answer."""
    return "eport_unanswered" if result is None else f"eport.{result}"


def iso_reason(code: str) -> str:
    """The code of an ExternalStatusReason1Code, as a pacs.002 or an admi.010 has it."""
    return f"iso.{code}"


def reason_of(code: str) -> Reason:
    """The row of a code, or of its family's `other`; raises KeyError for a code of no family."""
    known = REASONS.get(code)
    if known is not None:
        return known
    family, _, _ = code.partition(".")
    return replace(REASONS[f"{family}.other"], code=code)


_ROWS: Final = (
    # ISO 8583:1987 field 39, PROTOCOLS §5
    Reason("card.01", Part.ISSUER, repeat_may_help=False),  # refer to issuer
    Reason("card.03", Part.BANK, repeat_may_help=False),  # invalid merchant
    Reason("card.04", Part.ISSUER, repeat_may_help=False),  # pick up
    Reason("card.05", Part.ISSUER, repeat_may_help=False),  # do not honour
    Reason("card.12", Part.BANK, repeat_may_help=False),  # invalid transaction
    Reason("card.13", Part.PAYER, repeat_may_help=False),  # invalid amount
    Reason("card.14", Part.PAYER, repeat_may_help=False),  # no such card
    Reason("card.30", Part.BANK, repeat_may_help=False),  # format error
    Reason("card.41", Part.ISSUER, repeat_may_help=False),  # lost card
    Reason("card.43", Part.ISSUER, repeat_may_help=False),  # stolen card
    Reason("card.51", Part.PAYER, repeat_may_help=False),  # not enough funds
    Reason("card.54", Part.PAYER, repeat_may_help=False),  # expired card
    Reason("card.55", Part.PAYER, repeat_may_help=True),  # wrong PIN
    Reason("card.57", Part.ISSUER, repeat_may_help=False),  # not permitted to the card
    Reason("card.58", Part.BANK, repeat_may_help=False),  # not permitted to the terminal
    Reason("card.61", Part.PAYER, repeat_may_help=False),  # above the card's limit
    Reason("card.62", Part.ISSUER, repeat_may_help=False),  # restricted card
    Reason("card.65", Part.PAYER, repeat_may_help=False),  # too many operations
    Reason("card.75", Part.ISSUER, repeat_may_help=False),  # too many PIN tries
    Reason("card.94", Part.BANK, repeat_may_help=True),  # duplicate, or a hold that was reversed
    Reason("card.96", Part.BANK, repeat_may_help=True),  # system malfunction
    Reason("card.other", Part.ISSUER, repeat_may_help=False),
    # e-port's results that refuse, PROTOCOLS §2.3
    Reason("eport.4", Part.PAYER, repeat_may_help=False),  # bad account format
    Reason("eport.5", Part.PAYER, repeat_may_help=False),  # account not found
    Reason("eport.7", Part.PROVIDER, repeat_may_help=False),  # forbidden
    Reason("eport.8", Part.PROVIDER, repeat_may_help=True),  # technical ban
    Reason("eport.17", Part.BANK, repeat_may_help=True),  # account differs from the check
    Reason("eport.18", Part.BANK, repeat_may_help=True),  # sum differs from the check
    Reason("eport.19", Part.BANK, repeat_may_help=True),  # account or sum differs from the check
    Reason("eport.38", Part.PAYER, repeat_may_help=True),  # more than one hour since the check
    Reason("eport.79", Part.PAYER, repeat_may_help=False),  # account inactive
    Reason("eport.241", Part.PAYER, repeat_may_help=False),  # sum too small
    Reason("eport.242", Part.PAYER, repeat_may_help=False),  # sum too large
    Reason("eport.243", Part.PROVIDER, repeat_may_help=True),  # state unknown
    Reason("eport.300", Part.PROVIDER, repeat_may_help=True),  # other provider error
    Reason("eport.other", Part.PROVIDER, repeat_may_help=True),
    # ISO's ExternalStatusReason1Code, PROTOCOLS §3.5
    Reason("iso.AB03", Part.BANK, repeat_may_help=True),  # the settlement ran out of time
    Reason("iso.AB05", Part.PROVIDER, repeat_may_help=True),  # the payee's bank was late
    Reason("iso.AB06", Part.BANK, repeat_may_help=True),  # an instructed bank was late
    Reason("iso.AB08", Part.PROVIDER, repeat_may_help=True),  # the payee's bank is silent
    Reason("iso.AC01", Part.BANK, repeat_may_help=False),  # account number
    Reason("iso.AC03", Part.PROVIDER, repeat_may_help=False),  # payee's account number
    Reason("iso.AC04", Part.PROVIDER, repeat_may_help=False),  # closed account
    Reason("iso.AC06", Part.PROVIDER, repeat_may_help=False),  # blocked account
    Reason("iso.AG01", Part.PROVIDER, repeat_may_help=False),  # forbidden for this account
    Reason("iso.AM02", Part.PAYER, repeat_may_help=False),  # above the limit
    Reason("iso.AM03", Part.PROVIDER, repeat_may_help=False),  # currency
    Reason("iso.AM04", Part.BANK, repeat_may_help=True),  # funds
    Reason("iso.AM05", Part.BANK, repeat_may_help=False),  # duplicate
    Reason("iso.AM09", Part.BANK, repeat_may_help=True),  # not the sum of the link
    Reason("iso.BE04", Part.BANK, repeat_may_help=False),  # particulars
    Reason("iso.DT01", Part.BANK, repeat_may_help=True),  # date
    Reason("iso.DU03", Part.BANK, repeat_may_help=False),  # duplicate transaction
    Reason("iso.DU04", Part.BANK, repeat_may_help=False),  # duplicate EndToEndId
    Reason("iso.ED05", Part.BANK, repeat_may_help=True),  # settlement failed
    Reason("iso.FF01", Part.BANK, repeat_may_help=False),  # a message's form
    Reason("iso.FR01", Part.BANK, repeat_may_help=False),  # suspicion of fraud
    Reason("iso.MS03", Part.PROVIDER, repeat_may_help=True),  # no reason given
    Reason("iso.NARR", Part.PROVIDER, repeat_may_help=True),  # told in words only
    Reason("iso.RC01", Part.BANK, repeat_may_help=False),  # bank's code
    Reason("iso.RR04", Part.BANK, repeat_may_help=False),  # regulation
    Reason("iso.TM01", Part.BANK, repeat_may_help=True),  # too late
    Reason("iso.other", Part.PROVIDER, repeat_may_help=True),
    # a payment link, PROTOCOLS §4
    Reason("link.unreadable", Part.PAYER, repeat_may_help=False),  # no link at all
    Reason("link.foreign_host", Part.PAYER, repeat_may_help=False),  # of a host that we do not know
    Reason("link.own_bank", Part.PAYER, repeat_may_help=False),  # payee and payer are of one bank
    Reason("link.unknown", Part.PROVIDER, repeat_may_help=False),
    Reason("link.used", Part.PROVIDER, repeat_may_help=False),
    Reason("link.expired", Part.PROVIDER, repeat_may_help=False),
    Reason("link.unanswered", Part.PROVIDER, repeat_may_help=True),  # no details in time
    Reason("link.other", Part.PROVIDER, repeat_may_help=True),
    # our own
    Reason("account_unfit", Part.ISSUER, repeat_may_help=False),  # blocked or arrested
    Reason("account_unanswered", Part.BANK, repeat_may_help=True),  # its state is unknown: nothing was held
    Reason("offer_expired", Part.PAYER, repeat_may_help=True),  # the details of a link
    Reason("cancelled_by_payer", Part.PAYER, repeat_may_help=True),
    Reason("card_unusable", Part.PAYER, repeat_may_help=False),  # its data do not fit into a 0100
    Reason("card_host_unanswered", Part.BANK, repeat_may_help=True),  # the hold's fate was unknown: reversed
    Reason("eport_unanswered", Part.PROVIDER, repeat_may_help=True),
    Reason("provider_off", Part.BANK, repeat_may_help=True),  # the bank has switched it off for now
    Reason("check_expired", Part.PAYER, repeat_may_help=True),
    Reason("check_used", Part.PAYER, repeat_may_help=True),
    Reason("sum_outside_limits", Part.PAYER, repeat_may_help=False),
    Reason("offer_differs", Part.BANK, repeat_may_help=True),
    Reason(CANCELLED_BY_ORDER, Part.BANK, repeat_may_help=True),  # an operator ordered bank_cancel
    Reason("missing_in_registry", Part.PROVIDER, repeat_may_help=True),  # both closed days lack it
    Reason("never_received", Part.BANK, repeat_may_help=True),  # the PUT never arrived
)
REASONS: Final[Mapping[str, Reason]] = MappingProxyType({row.code: row for row in _ROWS})
