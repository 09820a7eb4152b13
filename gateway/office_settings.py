"""`[office]`, where the bank's operators have their page, and `[act]`, what the month's act says of its parties."""

from pathlib import Path
from typing import Self

from pydantic import model_validator

from gateway.setting_values import Address, Bin, FilePath, Flag, PartyName, Seconds, Section, is_loopback


class OfficeSection(Section):
    """Without it there is no page. Off this machine it is heard over TLS alone, with the certificate of `[gateway]`."""

    listen: Address
    tls: Flag = False
    idle_seconds: Seconds = 900

    @model_validator(mode="after")
    def _passwords_travel_encrypted(self) -> Self:
        if not self.tls and not is_loopback(self.listen):
            raise ValueError("passwords are typed there: set tls = true, or an address of this machine")
        return self


class ActSection(Section):
    """`[act]`: the parties of the monthly act, as it names them.

    `sign_key` is read by `tolem act` alone. With `public_key` (PEM: a public key or a certificate, two while one takes
    over from the other) only what it has signed is kept as signed.
    """

    bank: PartyName
    bank_bin: Bin | None = None
    eport: PartyName
    eport_bin: Bin | None = None
    contract: PartyName
    sign_key: FilePath | None = None
    public_key: FilePath | None = None


def office_faults(office: OfficeSection | None, cert: Path | None, key: Path | None) -> list[str]:
    """What is wrong between `[office]` and the certificate of `[gateway]`."""
    if office is not None and office.tls and (cert is None or key is None):
        return ["office.tls: it is heard with the gateway's certificate: set gateway.cert and gateway.key"]
    return []
