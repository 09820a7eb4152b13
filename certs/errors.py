"""What can be wrong with a key or a certificate.

    CertError
     ├─ FileUnreadableError       not there, or not ours to read
     ├─ NotPemError               the file holds something else
     ├─ KeyFileExistsError        a key is never overwritten
     ├─ KeyFileTooOpenError       others may read the key
     ├─ PassphraseUnavailableError  the key is encrypted, and nobody says with what
     ├─ KeyDoesNotFitError        key and certificate are not a pair
     ├─ NotIssuedByError          the chain does not lead to the CA that it should
     ├─ CertificateExpiredError
     ├─ CertificateNotYetValidError
     ├─ WrongKeyUsageError        issued for something else
     ├─ UnfitPinError             a participant is bound to what is no certificate, or to another's
     ├─ UnfitRequestError         a request that may not become this certificate
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


class PassphraseUnavailableError(CertError):
    """The passphrase of a key file cannot be read, or is another one."""


class KeyDoesNotFitError(CertError):
    """The certificate was issued for another key."""


class NotIssuedByError(CertError):
    """No chain leads from the certificate to a CA that was named."""


class CertificateExpiredError(CertError):
    """The certificate's time is over, or this machine's clock is ahead."""


class CertificateNotYetValidError(CertError):
    """The certificate's time has not begun, or this machine's clock is behind."""


class WrongKeyUsageError(CertError):
    """Key usage or extended key usage forbids what the certificate is wanted for."""


class UnfitRequestError(CertError):
    """A certificate request that its authority may not sign."""


class UnfitPinError(CertError):
    """A pin that binds nobody, or two participants at once."""


class RefusedByTlsError(CertError):
    """OpenSSL refuses the file for a reason of its own."""
