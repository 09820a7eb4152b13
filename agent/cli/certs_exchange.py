"""Taking an issued certificate: read and refused before anything is changed, then tried, then in its place."""

import asyncio
from pathlib import Path
from typing import Final

from agent import owner
from agent.cli.failures import CommandFailed, Failure
from agent.own_certificates import shake_hands
from agent.settings import Settings
from agent.sockets import somebody_listens
from certs.issued import checked_chain, read_issued
from certs.keys import SigningKey, load_signing_key
from certs.pair import Pair
from certs.pkcs12 import read_pkcs12
from certs.tls import client_context, trusted_certificates
from gateway.settings import EportSection

WAIT_SECONDS: Final = 30.0  # for a gateway that runs to try a new certificate
_LOOK_SECONDS: Final = 0.2


def stage(section: EportSection, pair: Pair, issued: Path, ca: Path | None, pkcs12: Path | None) -> None:
    """Read it, refuse what does not fit, and put it beside the pair in use. CertError."""
    pair.settle()
    content = issued.read_bytes()
    key: SigningKey
    if pkcs12 is None:
        certificates, key = read_issued(content), _waiting_key(pair)
    else:
        key, certificates = read_pkcs12(content, passphrase_in(pkcs12))
    chain = checked_chain(
        certificates, key, authorities=trusted_certificates(ca or section.ca), now=owner.now()
    )
    pair.certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pair.stage(chain, key)


def _waiting_key(pair: Pair) -> SigningKey:
    """Of the last request; of the pair in use, if the certificate was renewed for the same key."""
    waiting = pair.requested_key if pair.requested_key.exists() else pair.key
    return load_signing_key(waiting, pair.passphrase)


async def exchange(settings: Settings, section: EportSection, pair: Pair) -> None:
    """Have the staged pair tried, by the gateway that runs or here. Raises CommandFailed if it is not taken."""
    staged = pair.staged()
    if staged is None:
        raise AssertionError("what was staged is there")
    if await somebody_listens(settings.gateway_control):
        await _until_tried(pair, staged.fingerprint)
    else:
        await _try_here(settings, section, pair)


async def _until_tried(pair: Pair, fingerprint: str) -> None:
    """The gateway that runs looks every few seconds, tries it, and takes it or sets it aside."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while pair.next.exists() or pair.proved.exists():  # noqa: ASYNC110 - another process's files
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        raise CommandFailed(
            Failure(
                "It waits for its trial",
                ("e-port did not answer; the gateway goes on trying, and the certificate in use stays",),
                "tolem certs show tells when it was taken; an alarm tells if it is refused",
                exit_code=1,
            )
        ) from None
    if pair.identity().fingerprint != fingerprint:
        raise _refused("the alarm says why: tolem alarms list")


async def _try_here(settings: Settings, section: EportSection, pair: Pair) -> None:
    """Nobody runs: a handshake is the trial."""
    staged = pair.staged()
    context = client_context(section.ca, staged, section.crl)
    found = await shake_hands(section, seconds=settings.timers.eport_connect_seconds, context=context)
    if found.fault is not None and found.fault.ours:
        pair.set_aside()
        raise _refused(found.fault.detail)
    if found.fault is not None or found.dropped:
        why = found.dropped or f"e-port's certificate: {found.fault and found.fault.detail}"
        raise CommandFailed(
            Failure("It waits for its trial", (why,), "start the gateway, or run this again", exit_code=1)
        )
    pair.accept()


def _refused(why: str) -> CommandFailed:
    return CommandFailed(Failure("e-port does not take it; the one in use stays", (why,), exit_code=1))


def passphrase_in(path: Path) -> bytes:
    """Its one line."""
    return path.read_bytes().rstrip(b"\r\n")
