"""Keys, identities, trust and TLS contexts. There is no way to ask for "do not verify"."""
