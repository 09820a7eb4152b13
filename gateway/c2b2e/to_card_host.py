"""What transfers have the card host do after their commits: captures, reversals, credits, and one question (PROTOCOLS §5)."""

from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from gateway.bills.deliveries import JITTER
from gateway.bills.numbering import new_rrn, new_stan
from gateway.c2b2e import payee, payer
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.entries import BENEFICIARY, CAPTURE, CREDIT, REVERSAL, whose
from gateway.c2b2e.moves import Event, Evidence, TransferMoves
from gateway.c2b2e.transfer import Key, Transfer
from gateway.funds.interface import Accounts, Funds, HoldIdentifiers
from gateway.outcomes import AccountOutcome, Verdict
from gateway.reasons import iso_reason
from gateway.settings import TimersSection
from spool import Again, Delivered, Entry, Route, Schedule, Spool, ToPerson, Transaction
from spool import Verdict as SpoolVerdict

# kind: (the event of a 00, the event of anything else); silence is sent again
ADVICES: Final[Mapping[str, tuple[Event, Event]]] = {
    CAPTURE: (payer.Event.CAPTURED, payer.Event.CAPTURE_REFUSED),
    REVERSAL: (payer.Event.RELEASED, payer.Event.REVERSAL_REFUSED),
    CREDIT: (payee.Event.CREDITED, payee.Event.CREDIT_REFUSED),
}
BENEFICIARIES: Final[Mapping[Verdict, Event]] = {
    Verdict.ACCEPTED: payee.Event.BENEFICIARY_FIT,
    Verdict.REFUSED: payee.Event.BENEFICIARY_UNFIT,
    Verdict.UNANSWERED: payee.Event.UNANSWERED,
}
# Field 39 of a beneficiary check as a reason of ISO's; any other one is told as "no reason given".
REFUSALS: Final[Mapping[str | None, str]] = {"14": "AC03", "62": "AC06"}
_TIMED_OUT: Final = iso_reason("AB05")
_NOT_SPECIFIED: Final = "MS03"
_BLOCKED: Final = "AC06"


class ToCardHost:
    def __init__(  # noqa: PLR0913 - what the messages of both roles need
        self,
        *,
        spool: Spool,
        moves: TransferMoves,
        funds: Funds,
        accounts: Accounts,
        timers: TimersSection,
        time_zone: ZoneInfo,
    ) -> None:
        self._spool = spool
        self._moves = moves
        self._funds = funds
        self._accounts = accounts
        self._timers = timers
        self._time_zone = time_zone

    def routes(self) -> Mapping[str, Route]:
        timers = self._timers
        schedule = Schedule(
            (timers.advice_resend_seconds,) * timers.advice_resend_count,
            then=timers.advice_resend_then_seconds,
            jitter=JITTER,
        )
        at_once = Schedule((), then=0, jitter=0)
        return {
            **{kind: Route(self._advise, schedule) for kind in ADVICES},
            BENEFICIARY: Route(self._ask_beneficiary, at_once),
        }

    async def _advise(self, entry: Entry) -> SpoolVerdict:
        key, _ = whose(entry)
        outcome = await self._funds.advise(entry.payload, repeat=entry.maybe_sent)
        accepted, refused = ADVICES[entry.kind]
        code = outcome.response_code
        note = outcome.detail if code is None else f"response code {code}"
        if outcome.verdict is Verdict.UNANSWERED:
            return Again(note)
        if outcome.verdict is Verdict.ACCEPTED:
            return Delivered(note, self._playing(key, accepted, Evidence(note=note)))
        return ToPerson(note, self._playing(key, refused, Evidence(note=note)))

    async def _ask_beneficiary(self, entry: Entry) -> SpoolVerdict:
        """Step 12. One question: it moves no money, and the platform does not wait for a second one."""
        key, _ = whose(entry)
        transfer, question = await self._spool.write(lambda tx: self._question(tx, key))
        if transfer.state is not payee.State.CHECKING or transfer.creditor_iban is None:
            return Delivered(f"not asked: the transfer is {transfer.state}", answered=False)
        outcome = await self._accounts.can_credit(question, transfer.creditor_iban)
        evidence = Evidence(reason=_reason(outcome), note=outcome.detail, alarm=outcome.alarm)
        apply = self._playing(key, BENEFICIARIES[outcome.verdict], evidence)
        return Delivered(outcome.detail, apply, answered=outcome.verdict is not Verdict.UNANSWERED)

    def _question(self, tx: Transaction, key: Key) -> tuple[Transfer, HoldIdentifiers]:
        transfer = transfers.load(tx, key)
        assert transfer is not None, "an entry belongs to a transfer"
        return transfer, HoldIdentifiers(
            stan=new_stan(tx, transfer.terminal),
            rrn=new_rrn(tx, self._time_zone),
            terminal=transfer.terminal,
            total=transfer.sum,
            sent_at=tx.now,
        )

    def _playing(self, key: Key, event: Event, evidence: Evidence) -> Callable[[Transaction], None]:
        return lambda tx: _play(self._moves, tx, key, event, evidence)


def _play(moves: TransferMoves, tx: Transaction, key: Key, event: Event, evidence: Evidence) -> None:
    moves.apply(tx, key, event, evidence)


def _reason(outcome: AccountOutcome) -> str | None:
    """An account that was told and is refused all the same is blocked or arrested."""
    code = _BLOCKED if outcome.account is not None else REFUSALS.get(outcome.response_code, _NOT_SPECIFIED)
    reasons = {Verdict.REFUSED: iso_reason(code), Verdict.UNANSWERED: _TIMED_OUT}
    return reasons.get(outcome.verdict)
