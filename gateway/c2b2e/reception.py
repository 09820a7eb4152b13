"""A message that comes: every check in the order of PROTOCOLS §3.4, and what it is answered over HTTP.

media type and size, bytes, signature, structure, party, header, replay, fields, clock; then its dialogue.
A message's effect, the messages that follow from it and the message itself are one commit; the 200 is given
after that. A refused message changes nothing and is not remembered; the journal names the check, and quotes
nothing of the message.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from certs.participants import Participants
from certs.refusals import SignatureRefusedError
from certs.xmldsig import Verified, sign, verify
from gateway.alarms import raise_alarm
from gateway.c2b2e import message_book
from gateway.c2b2e.author import Author
from gateway.c2b2e.message_book import Direction, KeptMessage
from gateway.c2b2e.transfer import Key, Role
from gateway.iso20022 import document, messages
from gateway.iso20022.admi_002 import NOT_PROVIDED, MessageReject
from gateway.iso20022.definition import SoundMessage
from gateway.iso20022.envelope import Envelope, check_header
from gateway.iso20022.errors import MessageRefusedError
from gateway.iso20022.messages import DEFINITIONS
from gateway.iso20022.pacs_008 import CreditTransfer
from gateway.iso20022.pacs_028 import PaymentStatusRequest
from spool import Spool, Transaction

_log = logging.getLogger(__name__)

CLOCKS_MAY_DIFFER: Final = timedelta(minutes=5)
_TIMED: Final = (CreditTransfer, PaymentStatusRequest)  # to these the clock applies


@dataclass(frozen=True)
class Answer:
    """To a message that came. Only a refusal has a body: a signed admi.002."""

    status: int
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Came:
    """A request to one of our addresses. `told`: every header `end-to-end-id`."""

    kind: str
    content_type: str | None
    told: Sequence[str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Taken:
    """What a dialogue makes of a message: the HTTP status, and whose chain it is."""

    status: HTTPStatus
    role: Role


Taking = Callable[[Transaction, Any], Taken]
"""Gives a message its effect, inside the transaction that writes it down. Of its own it raises nothing."""


class RefusedHereError(MessageRefusedError):
    """A check that neither the signature nor the message's tables make."""


@dataclass(frozen=True)
class _Opened:
    """A message whose signature, structure, party and header hold."""

    sound: SoundMessage[Any]
    envelope: Envelope
    verified: Verified
    digest: str
    body: bytes = field(repr=False)


class Reception:
    """`takings` by kind: what this gateway receives. `platform` is the participant that may send it, by its BIC."""

    def __init__(
        self,
        *,
        spool: Spool,
        participants: Participants,
        author: Author,
        takings: Mapping[str, Taking],
    ) -> None:
        self._spool = spool
        self._participants = participants
        self._author = author
        self._platform = author.platform_bic
        self._takings = takings

    @property
    def kinds(self) -> Sequence[str]:
        return tuple(self._takings)

    async def receive(self, came: Came) -> Answer:
        """Raises only what the store raises, after which nothing has happened."""
        opened: _Opened | None = None
        try:
            opened = await asyncio.to_thread(self._open, came)
            status = await self._take(opened)
        except MessageRefusedError as refused:
            return await self._refusal(came, opened, refused.code, refused.http_status, str(refused))
        except SignatureRefusedError as refused:
            return await self._refusal(came, opened, refused.code, refused.http_status, refused.refusal.why)
        if status is not HTTPStatus.OK:
            return await self._refusal(came, opened, f"http_{status}", status, status.phrase)
        return Answer(status)

    def _open(self, came: Came) -> _Opened:
        """What needs no store, in a thread of its own: reading and verifying take milliseconds."""
        document.check_media_type(came.content_type)
        document.parse(came.body)
        verified = verify(came.body, participants=self._participants, now=self._spool.now())
        sound = DEFINITIONS[came.kind].check(verified.tree)
        envelope = sound.envelope
        verified.owned_by(self._platform)
        self._check_agents(envelope)
        check_header(came.told, envelope)
        return _Opened(sound, envelope, verified, document.signed_content_digest(verified.tree), came.body)

    def _check_agents(self, envelope: Envelope) -> None:
        """A pacs names the parties of its hop; an admi has none (PROTOCOLS §3.2)."""
        parties = (
            (envelope.instructing_bic, self._platform),
            (envelope.instructed_bic, self._author.bank.bic),
        )
        if any(named not in (None, expected) for named, expected in parties):
            raise RefusedHereError("agents", "is not from the platform to us", http_status=403)

    async def _take(self, opened: _Opened) -> HTTPStatus:
        known = await self._spool.read(lambda tx: self._digest_of(tx, opened))
        if known is None:
            message = opened.sound.read()
            self._check_clock(message)
            return await self._spool.write(lambda tx: self._give_effect(tx, opened, message))
        return await self._spool.write(lambda tx: self._repeat(tx, opened, known))

    def _check_clock(self, message: Any) -> None:
        if isinstance(message, _TIMED) and abs(message.created_at - self._spool.now()) > CLOCKS_MAY_DIFFER:
            raise RefusedHereError("clock", "CreDtTm is more than five minutes away", http_status=422)

    def _give_effect(self, tx: Transaction, opened: _Opened, message: Any) -> HTTPStatus:
        """Two copies at once come here one after the other: the second one is a repeat."""
        known = self._digest_of(tx, opened)
        if known is not None:
            return self._repeat(tx, opened, known)
        taken = self._takings[opened.envelope.kind](tx, message)
        if taken.status is HTTPStatus.OK:
            message_book.keep(tx, self._noted(opened, message, taken.role, tx.now), opened.body)
        return taken.status

    def _noted(self, opened: _Opened, message: Any, role: Role, now: datetime) -> KeptMessage:
        return message_book.kept(
            message,
            direction=Direction.IN,
            signer=self._platform,
            key=Key(role, message.end_to_end_id),
            digest=opened.digest,
            at=now,
            http=HTTPStatus.OK,
        )

    def _repeat(self, tx: Transaction, opened: _Opened, known: str) -> HTTPStatus:
        envelope = opened.envelope
        if known == opened.digest:
            message_book.count(
                tx,
                Direction.IN,
                signer=self._platform,
                kind=envelope.kind,
                msg_id=envelope.msg_id,
                http=HTTPStatus.OK,
            )
            return HTTPStatus.OK
        raise_alarm(tx, "message_conflict", subject=envelope.end_to_end_id or "", detail=envelope.kind)
        return HTTPStatus.CONFLICT

    def _digest_of(self, tx: Transaction, opened: _Opened) -> str | None:
        envelope = opened.envelope
        return message_book.digest_of(tx, signer=self._platform, kind=envelope.kind, msg_id=envelope.msg_id)

    async def _refusal(self, came: Came, opened: _Opened | None, check: str, status: int, why: str) -> Answer:
        signer = None if opened is None else opened.verified.fingerprint
        told = {"kind": came.kind, "check": check, "status": int(status), "why": why, "signer": signer}
        _log.warning("transfer.message_refused", extra=told)
        reject = MessageReject(
            reference=NOT_PROVIDED if opened is None else opened.envelope.msg_id,
            reason=check,
            rejected_at=self._spool.now(),
            description=why,
        )
        body = await asyncio.to_thread(lambda: sign(messages.build(reject), self._author.signer))
        return Answer(int(status), body)
