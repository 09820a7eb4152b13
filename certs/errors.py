"""What can be wrong with a key or a certificate.

    CertError
     ├─ FileUnreadableError       not there, or not ours to read
     ├─ NotPemError               the file holds something else
     ├─ KeyFileExistsError        a key is never overwritten
     ├─ KeyFileTooOpenError       others may read the key
     ├─ KeyDoesNotFitError        key and certificate are not a pair
     ├─ CertificateExpiredError
     ├─ CertificateNotYetValidError
     ├─ WrongKeyUsageError        issued for something else
     └─ RefusedByTlsError         OpenSSL will not use it (too weak a key, a broken chain file)

Each is the operator's to mend before anything starts: the command line exits with 2. No message
holds a byte of a key.
"""


class CertError(Exception):
    """`what` is wrong with which file, `why`, and what `to_do` about it; `str()` says all three."""

    def __init__(self, what: str, *, why: str, to_do: str) -> None:
        super().__init__(f"{what}: {why}. {to_do}")
        self.what = what
        self.why = why
        self.to_do = to_do


class FileUnreadableError(CertError):
    """The file is not there, or this user may not read it."""


class NotPemError(CertError):
    """The file is not PEM, or not the kind of PEM that its place needs."""


class KeyFileExistsError(CertError):
    """A new key would have replaced one that a certificate may stand on."""


class KeyFileTooOpenError(CertError):
    """Group or others have a right to the key file."""


class KeyDoesNotFitError(CertError):
    """The certificate was issued for another key."""


class CertificateExpiredError(CertError):
    """The certificate's time is over, or this machine's clock is ahead."""


class CertificateNotYetValidError(CertError):
    """The certificate's time has not begun, or this machine's clock is behind."""


class WrongKeyUsageError(CertError):
    """Key usage or extended key usage forbids what the certificate is wanted for."""


class RefusedByTlsError(CertError):
    """OpenSSL refuses the file for a reason of its own."""
