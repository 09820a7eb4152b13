"""Keys, identities, trust and TLS contexts. There is no way to ask for "do not verify".

A node has one `Identity` (a certificate and the key that fits it) and a file of the CAs it trusts;
from the two come the TLS contexts of everything that listens or connects. What is wrong with a file
is found at start and said in full, not in the first handshake. Nothing here knows about money,
protocols or settings.

Read in this order:

- `errors`     what can be wrong with a key or a certificate: what, why, and what to do
- `files`, `keys`, `passphrases`  PEM files as an operator meets them; private keys, made and kept 0600
- `identity`   a certificate with its key, checked before anyone uses it
- `tls`        the contexts, and who the other side is
- `expiry`, `causes`, `clock`, `standing`  days left; what is wrong, by name, and whether the clock is to blame
- `durable`, `pair`           how a pair of files is exchanged so that there always is one
- `presented`, `shown`        the pair in use, by who calls and by who listens: a new one is taken meanwhile
- `handshake`  a connection for its own sake, which says what each side thinks of the other
- `requests`, `issued`, `pkcs12`  from a key to its certificate
- `authority`  the bank's own CA for its terminals
- `xmldsig`    XML signatures over whole documents: sign, verify
- `detached`   signatures over bytes that travel beside them, by pinned keys
- `refusals`, `documents`, `signature_form`  every reason for which one is refused; the bytes; the one form of signature
- `algorithms`, `chains`  the algorithms that are accepted, and the port for another; from a certificate to a trusted CA
- `participants`, `revocation`  who may sign: pins, and the lists of certificates that are no longer good
- `signer`     who signs: a certificate and what its key does
- `throwaway`  a CA that lives as long as a test or a demo
"""
