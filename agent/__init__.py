"""The process at the terminal: journeys, receipts, settings and the command line.

Read in this order:

- `settings`     one file for a node, every key known
- `journeys`     what a customer lives through: the table, the record, the effects
- `terminal`     the composition root; `assembly` puts the parts together
- `readiness`    may money be taken now?  `recovery`: what a start takes up again
- `gateway_link` what is spooled for the gateway; `gateway_nearby`: where the gateway is
- `journal`, `receipt`, `receipt_folder`  what is kept and printed
- `commands`     what may be asked of a running terminal; `owner`: asking, or opening its store
- `cli`, `demo`  the command line, and the product shown at work
"""

VERSION = "0.1.0"
