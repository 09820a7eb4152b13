"""Holding, capturing and releasing the payer's money, crediting a payee's (PROTOCOLS §5).

`interface` has the ports that bills and transfers know; the card host over ISO 8583 is what stands behind them.
Card data are in memory only, for as long as one 0100 takes.

Read in this order:

- `interface`    the ports
- `fields`       which field stands in which message, and what it may hold
- `messages`     messages as bytes and back; which answer belongs to which request
- `masking`      what of a message may be logged
- `results`      field 39: what an answer comes to; `account_results` reads an account out of field 48
- `framing`      two bytes of length
- `pending`      who waits for which answer, and what comes too late
- `line_states`  the connection's life as a table, and its back-off
- `connection`   one TCP or TLS connection
- `line`         the line kept up: who asks, what is answered, echo after echo
- `iso8583`      the card host: holds, advices and questions over it
"""
