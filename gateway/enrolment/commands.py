"""What the operator may do with terminals, as commands of the gateway's control socket.

| command | arguments | answers |
|---|---|---|
| terminals.invite | terminal, code, by | until when the code lives; made by who asks, kept as a digest |
| terminals.list | – | one for each terminal: its newest certificate, or its open invitation |
| terminals.revoke | terminal, by, reason | how many certificates were shut out |
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from gateway.enrolment.codes import MistypedCodeError, compact
from gateway.enrolment.invites import invite, open_invites
from gateway.enrolment.signing import Digest, code_digest
from gateway.enrolment.terminals import Given, ShutOut, every_certificate
from spool import ControlError, Store
from spool.control import Command

Item = dict[str, Any]
_TERMINAL: Final = re.compile(r"[0-9A-Za-z]{1,8}")


class TerminalsCommands:
    """`digest` of a code is keyed by a store that is open; without it nobody can be invited."""

    def __init__(
        self,
        spool: Store,
        shut_out: ShutOut,
        *,
        invite_seconds: float,
        now: Callable[[], datetime],
        digest: Digest | None,
    ) -> None:
        self._spool = spool
        self._shut_out = shut_out
        self._now = now
        self._digest = digest
        self._life_ms = int(invite_seconds * 1000)

    def commands(self) -> Mapping[str, Command]:
        return {
            "terminals.invite": self._invite,
            "terminals.list": self._list,
            "terminals.revoke": self._revoke,
        }

    async def _invite(self, arguments: Item) -> Item:
        terminal, by = _terminal(arguments), _text(arguments, "by")
        try:
            code = compact(_text(arguments, "code"))
        except MistypedCodeError as error:
            raise ControlError("bad_argument", str(error)) from None
        if self._digest is None:
            raise ControlError(
                "not_running", "the gateway does not run, and only it can invite: start it first"
            )
        digest = code_digest(self._digest, terminal, code)
        made = await self._spool.write(lambda tx: invite(tx, terminal, digest, by=by, life_ms=self._life_ms))
        return {"terminal": terminal, "until": made.until.isoformat(), "guesses": made.guesses_left}

    async def _list(self, _: Item) -> AsyncIterator[Item]:
        given = await self._spool.read(every_certificate)
        newest = {one.terminal: one for one in given}
        for one in newest.values():
            yield self._row(one)
        for waiting in await self._spool.read(open_invites):
            yield {
                "terminal": waiting.terminal,
                "state": "invited",
                "ends": waiting.until.isoformat(),
                "fingerprint": None,
            }

    async def _revoke(self, arguments: Item) -> Item:
        terminal, by, reason = _terminal(arguments), _text(arguments, "by"), _text(arguments, "reason")
        shut = await self._spool.write(lambda tx: self._shut_out.revoke(tx, terminal, by=by, reason=reason))
        return {"terminal": terminal, "certificates": shut, "state": "revoked"}

    def _row(self, given: Given) -> Item:
        over = given.ends_at < self._now()
        state = "revoked" if given.revoked_at else "expired" if over else "enrolled"
        return {
            "terminal": given.terminal,
            "state": state,
            "ends": given.ends_at.isoformat(),
            "fingerprint": given.fingerprint,
        }


def _terminal(arguments: Item) -> str:
    terminal = _text(arguments, "terminal")
    if _TERMINAL.fullmatch(terminal) is None:
        raise ControlError("bad_argument", "a terminal's id is 1 to 8 letters and digits, such as ATM00017")
    return terminal


def _text(arguments: Item, name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value:
        raise ControlError("bad_argument", f"{name} is missing")
    return value
