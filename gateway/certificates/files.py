"""The certificate files that the settings name, as pairs."""

import os
from functools import partial

from certs.authority import Authority
from certs.pair import Pair
from certs.passphrases import Passphrase, credential
from gateway.settings import EportSection, GatewaySection


def eport_pair(section: EportSection) -> Pair:
    """The bank's personal certificate and its key."""
    return Pair(section.client_cert, section.client_key, passphrase_of(section.client_key_passphrase))


def terminal_authority(section: GatewaySection) -> Authority | None:
    """The CA with which this gateway signs its terminals; None if it does not. Raises CertError."""
    if section.terminal_ca is None or section.terminal_ca_key is None:
        return None
    passphrase = passphrase_of(section.terminal_ca_passphrase)
    return Authority.load(section.terminal_ca, section.terminal_ca_key, passphrase=passphrase)


def passphrase_of(name: str | None) -> Passphrase | None:
    """What the systemd credential of this name holds, read when it is needed. None: there is none."""
    return None if name is None else partial(credential, name, environ=os.environ)
