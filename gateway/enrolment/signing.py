"""From a terminal's request to its certificate: with a one-time code, or to renew the one that calls.

A wrong code is counted before it is answered; a right one is used up in the transaction that writes the
certificate down, so that a code never serves two keys and a lost answer is repeated byte for byte.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from certs.authority import Authority
from certs.errors import UnfitRequestError
from certs.pair import pem_of_chain
from certs.requests import read_request
from gateway.contract import Enrolled, EnrolmentRequest, RenewalRequest
from gateway.enrolment.invites import Judgement, judge, use
from gateway.enrolment.terminals import REVOKED, ShutOut, is_revoked
from gateway.idempotency import Finish, Reply
from gateway.problems import ProblemError
from spool import Spool, Transaction

_DETAILS = {
    Judgement.WRONG: "the code is not this terminal's, or too many were tried; ask for a new one",
    Judgement.USED: "a certificate was given for this code already; ask for a new one",
    Judgement.EXPIRED: "the code's time is over; ask for a new one",
}

Digest = Callable[[bytes], bytes]  # `spool.Spool.digest`


@dataclass(frozen=True)
class Signing:
    """`authority` None: certificates of this gateway's terminals come from elsewhere."""

    spool: Spool
    authority: Authority | None
    lasts: timedelta
    shut_out: ShutOut

    async def enrol(self, asked: EnrolmentRequest) -> Finish:
        """Raises ProblemError: enrolment_refused, …_code_used, …_code_expired, request_unfit."""
        digest = code_digest(self.spool.digest, asked.terminal, asked.code)
        judgement, invite_id = await self.spool.write(lambda tx: judge(tx, asked.terminal, digest))
        if judgement is not Judgement.GOOD or invite_id is None:
            raise ProblemError(judgement.value, _DETAILS[judgement])
        certificate = self._sign(asked.request, asked.terminal, self.spool.now())

        def finish(tx: Transaction) -> Reply:
            if not use(tx, invite_id):
                raise ProblemError(Judgement.USED.value, _DETAILS[Judgement.USED])
            return self._give(tx, asked.terminal, certificate, invite_id)

        return finish

    async def renew(self, terminal: str, fingerprint: str, asked: RenewalRequest) -> Finish:
        """For a terminal whose certificate lets it call. Raises ProblemError: not_signing, request_unfit."""
        certificate = self._sign(asked.request, terminal, self.spool.now())

        def finish(tx: Transaction) -> Reply:
            if is_revoked(tx, terminal, fingerprint):  # since it was let in
                raise ProblemError("terminal_revoked", REVOKED)
            return self._give(tx, terminal, certificate, None)

        return finish

    def _sign(self, request: str, terminal: str, now: datetime) -> x509.Certificate:
        if self.authority is None:
            raise ProblemError("not_signing", "this gateway signs no certificates: ask the bank's CA")
        try:
            fit = read_request(request.encode(), common_name=terminal)
        except UnfitRequestError as error:
            raise ProblemError("request_unfit", error.why) from None
        return self.authority.issue_to_terminal(fit, terminal=terminal, now=now, lasts=self.lasts)

    def _give(
        self, tx: Transaction, terminal: str, certificate: x509.Certificate, invite_id: int | None
    ) -> Reply:
        ends = certificate.not_valid_after_utc
        fingerprint = certificate.fingerprint(SHA256()).hex()
        self.shut_out.give(tx, terminal, fingerprint, ends=ends, invite_id=invite_id)
        pem = pem_of_chain([certificate]).decode()
        return Reply(
            200, Enrolled(terminal=terminal, certificate=pem, ends_at=ends).model_dump_json().encode()
        )


def code_digest(digest: Digest, terminal: str, code: str) -> bytes:
    """Keyed by the store's own key, so that a copy of the store does not give the code away."""
    return digest(f"enrolment {terminal} {code}".encode())
