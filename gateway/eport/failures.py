"""What kept an attempt from being answered, in words for a log; they quote no bytes of the wire."""

import ssl
from types import MappingProxyType
from typing import Final

import aiohttp


class AnswerTooLargeError(Exception):
    """The answer's body passed the cap; the rest was not read."""


NO_ANSWER: Final = (aiohttp.ClientError, OSError, TimeoutError, AnswerTooLargeError)

# First match wins, over the failure and its causes from the outside in.
_WORDS: Final = (
    (AnswerTooLargeError, "answer too large"),
    (aiohttp.ConnectionTimeoutError, "no connection in time"),
    (TimeoutError, "no answer in time"),
    (aiohttp.ClientConnectorDNSError, "host name not found"),
    (aiohttp.ServerDisconnectedError, "connection closed without an answer"),
    (aiohttp.ClientPayloadError, "connection closed in the middle of an answer"),
    (aiohttp.ClientResponseError, "answer is not HTTP"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionResetError, "connection reset"),
    (BrokenPipeError, "connection reset"),
)

_DROPS: Final = (aiohttp.ServerDisconnectedError, ConnectionResetError, BrokenPipeError)

# X509_V_ERR_*, as OpenSSL numbers them.
_CLOCK_OR_CERTIFICATE: Final = "its certificate's time, or this machine's clock, is wrong"
_VERIFY_ADVICE: Final = MappingProxyType(
    {
        9: _CLOCK_OR_CERTIFICATE,  # not yet valid
        10: _CLOCK_OR_CERTIFICATE,  # has expired
        18: "it is self-signed: is `ca` in the settings the right one?",
        19: "its chain ends in a CA that is not trusted: is `ca` in the settings the right one?",
        20: "its issuer is not trusted: is `ca` in the settings the right one?",
        62: "it is not for this host name",
        64: "it is not for this IP address",
    }
)

# How the other side's alerts end, whatever the TLS version before it.
_ALERT_ADVICE: Final = MappingProxyType(
    {
        "CERTIFICATE_EXPIRED": "our certificate's time, or a clock on either side, is wrong",
        "CERTIFICATE_REQUIRED": "it wants a certificate and got none",
        "HANDSHAKE_FAILURE": "it wants a certificate and got none, or nothing is common",  # TLS 1.2
        "CERTIFICATE_REVOKED": "our certificate was revoked",
        "BAD_CERTIFICATE": "it does not take our certificate",
        "CERTIFICATE_UNKNOWN": "it does not take our certificate",
        "UNSUPPORTED_CERTIFICATE": "it does not take our certificate",
        "UNKNOWN_CA": "it does not trust the issuer of our certificate",
        "ACCESS_DENIED": "it does not let our certificate in",
    }
)


def describe(failure: BaseException) -> str:
    """One line that names the cause."""
    causes = _causes(failure)
    for cause in reversed(causes):  # aiohttp's own TLS errors are ssl.SSLError too, and know less
        if isinstance(cause, ssl.SSLError):
            return _describe_tls(cause)
    for cause in causes:
        for kind, words in _WORDS:
            if isinstance(cause, kind):
                return words
    return type(causes[-1]).__name__


def is_drop(failure: BaseException) -> bool:
    """A connection that was made and then lost: under TLS 1.3 a server may refuse our certificate so."""
    return any(isinstance(cause, _DROPS) for cause in _causes(failure))


def _causes(failure: BaseException) -> list[BaseException]:
    """The failure and what it came from, from the outside in; a chain may lead back to itself."""
    causes: list[BaseException] = []
    cause: BaseException | None = failure
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return causes


def _describe_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = _VERIFY_ADVICE.get(error.verify_code, "it is not accepted")
        return f"TLS: the server's certificate: {advice} ({error.verify_message})"
    reason = error.reason or type(error).__name__
    for ending, advice in _ALERT_ADVICE.items():
        if reason.endswith(ending):
            return f"TLS: the server refuses us: {advice} ({reason})"
    return f"TLS: {reason}"
