"""Paying a shop by link or QR over the transfers platform: both dialogues, as tables (PROTOCOLS §3).

What decides is pure: no store, no line, no clock. Who signs, keeps and sends is none of its business.

Read in this order:

- `payer`      the payer's bank: every event in every state, and what a message is answered over HTTP
- `payee`      the payee's bank, the same
- `answers`    what an HTTP status to a message of ours comes to, as an event of these tables
- `deadlines`  when to ask, to resend, to give up: functions of instants, the same after a restart; `timing` reads them from settings
- `links`      what a scanned code or a typed address is: a payment link, and whose
- `desk`       what our API asks of both roles
"""
