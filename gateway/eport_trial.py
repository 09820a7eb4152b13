"""One question to e-port under a certificate that is not in use yet. It moves no money.

Not every server says why it hangs up. So a trial without an answer has a control: if the same question is
answered under the certificate in use, twice in turn, then it is the certificate that made the difference.
"""

import ssl
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from gateway.bills.deliveries import Eport
from gateway.certificates.line import LineHealth
from gateway.certificates.rotation import Trial, Verdict
from gateway.eport.operations import Operation
from gateway.outcomes import EportOutcome
from gateway.outcomes import Verdict as Answered

_ROUNDS: Final = 2
_NOT_FOR_THIS_POINT: Final = "eport_http_403"  # PROTOCOLS §2.1: the CN does not belong to the point


class ClosableEport(Eport, Protocol):
    async def close(self) -> None: ...


Question = Callable[[], Awaitable[tuple[str, bytes]]]  # txn_id and the bytes of a bank_status
Connect = Callable[[ssl.SSLContext, LineHealth], ClosableEport]


class EportTrial:
    """`gateway.certificates.rotation.TryOut`."""

    def __init__(
        self,
        question: Question,
        connect: Connect,
        line: Callable[[], LineHealth],
        in_use: Callable[[], ssl.SSLContext],
    ) -> None:
        self._question = question
        self._connect = connect
        self._new_line = line
        self._in_use = in_use

    async def __call__(self, context: ssl.SSLContext) -> Trial:
        for _ in range(_ROUNDS):
            trial = await self._ask(context)
            if trial.verdict is not Verdict.UNANSWERED:
                return trial
            if (await self._ask(self._in_use())).verdict is not Verdict.WORKED:
                return trial
        return Trial(Verdict.REFUSED, f"unanswered, while the one in use is answered: {trial.detail}")

    async def _ask(self, context: ssl.SSLContext) -> Trial:
        txn_id, message = await self._question()
        line = self._new_line()
        eport = self._connect(context, line)
        try:
            outcome = await eport.send(Operation.STATUS, message, txn_id=txn_id)
        finally:
            await eport.close()
        return _judged(outcome, line)


def _judged(outcome: EportOutcome, line: LineHealth) -> Trial:
    """A fault of e-port's own certificate, or no connection, says nothing about ours."""
    if outcome.verdict is not Answered.UNANSWERED:
        return Trial(Verdict.WORKED)
    if line.fault is not None and line.fault.ours:
        return Trial(Verdict.REFUSED, f"{line.fault.cause.value}: {outcome.detail}")
    if outcome.alarm == _NOT_FOR_THIS_POINT:
        return Trial(Verdict.REFUSED, "its CN does not belong to the point (HTTP 403)")
    return Trial(Verdict.UNANSWERED, outcome.detail)
