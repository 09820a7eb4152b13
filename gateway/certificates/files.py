"""The certificate files that the settings name, as pairs."""

import os
from functools import partial

from certs.pair import Pair
from certs.passphrases import Passphrase, credential
from gateway.settings import EportSection


def eport_pair(section: EportSection) -> Pair:
    """The bank's personal certificate and its key."""
    return Pair(section.client_cert, section.client_key, passphrase_of(section.client_key_passphrase))


def passphrase_of(name: str | None) -> Passphrase | None:
    """What the systemd credential of this name holds, read when it is needed. None: there is none."""
    return None if name is None else partial(credential, name, environ=os.environ)
