"""Paying a shop by link or QR over the transfers platform: both dialogues, as tables and at work (PROTOCOLS §3).

What decides is pure and comes first: no store, no line, no clock. The rest keeps, signs, sends and takes; a
state, the message that follows from it and the message that led to it are one commit, and a 200 comes after it.

Read in this order:

- `payer`      the payer's bank: every event in every state, and what a message is answered over HTTP
- `payee`      the payee's bank, the same; `sale_states` the merchant's sale with its link
- `answers`    what an HTTP status to a message of ours comes to, as an event of these tables
- `deadlines`  when to ask, to resend, to give up: functions of instants, the same after a restart; `timing` reads them from settings
- `links`      what a scanned code or a typed address is: a payment link, and whose; `qr` EMVCo's form of one
- `desk`       what our API asks of both roles; `views` what it answers
- `transfer`, `sales`, `message_book`  the store: a chain, a sale, every message in and out
- `moves`      the only place that changes a transfer's state; `payer_steps`, `payee_steps` what each step does
- `author`     our own messages, built and signed; `entries` how the spool names what leaves
- `to_platform`, `to_card_host`, `own_clock`  how it leaves, and what an answer means; `platform` the line
- `reception`  every check of a message that comes; `payer_taking`, `payee_taking` its effect; `endpoints` HTTP
- `paying`     a link, an order (`orders` what it has to pass, `funding` its hold), an outcome
- `selling`    a sale and how it stands
- `standing`   may a transfer begin now?
- `commands`   what an operator asks: a chain with its messages, by any of its numbers
- `credentials`, `parts`  what a participant shows and believes; all of it put together from settings
"""
