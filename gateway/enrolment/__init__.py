"""Terminals get their certificates from the gateway, and lose them there.

Read in this order:

- `codes`     the one-time code that a technician types
- `invites`   who was invited, how long the code lives, how many guesses are left
- `terminals` the certificates that were given out, and who was shut out
- `signing`   from a request to a certificate: with a code, or to renew the one that calls
- `commands`  invite, list and revoke, as commands of the control socket
"""
