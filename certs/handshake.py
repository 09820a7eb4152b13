"""A TLS handshake for its own sake: what does the other side think of our certificate, and we of its?

Under TLS 1.3 a client's handshake is over before the server has looked at its certificate, and an alert may
be lost when the server drops what was already sent to it. So nothing is sent here, and the alert is waited for.
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509

from certs.causes import TlsFault, tls_fault
from certs.identity import common_name_of

ALERT_SECONDS: Final = 0.5  # an alert follows the handshake at once; silence is consent


@dataclass(frozen=True)
class Examined:
    """`fault` None and `dropped` empty: both sides are content.

    `dropped`: why there is no connection, where no certificate is to blame, or nobody says so.
    """

    fault: TlsFault | None = None
    dropped: str = ""
    version: str = ""
    their_name: str | None = None
    theirs_ends: datetime | None = None


async def examine(
    host: str,
    port: int,
    context: ssl.SSLContext,
    *,
    timeout_seconds: float,
    alert_seconds: float = ALERT_SECONDS,
) -> Examined:
    """Connect, shake hands, listen for an alert, hang up. Raises nothing but cancellation."""
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
        return _failed(error)
    try:
        async with asyncio.timeout(alert_seconds):
            said = await reader.read(1)
        if not said:
            return Examined(dropped="the other side hung up after the handshake")
        return _content(writer)
    except TimeoutError:
        return _content(writer)
    except OSError as error:
        return _failed(error)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _content(writer: asyncio.StreamWriter) -> Examined:
    tls = writer.get_extra_info("ssl_object")
    theirs = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True))
    return Examined(
        version=tls.version() or "",
        their_name=common_name_of(theirs),
        theirs_ends=theirs.not_valid_after_utc,
    )


def _failed(error: OSError) -> Examined:
    fault = tls_fault(error)
    if fault is not None:
        return Examined(fault=fault)
    return Examined(dropped=error.strerror or str(error) or "no answer in time")
