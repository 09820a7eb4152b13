"""The process at the terminal: journeys, receipts, settings and the command line.

Read in this order:

- `journeys`   what a customer lives through: the table, the record, the effects
- `orders`, `catalogue_copy`  what the customer wants, by the rules of the gateway's catalogue
- `terminal`   the composition root: the order of a start; `assembly` puts the parts together
- `settings`, `settings_sections`, `sample_settings`, `sample_transfers`  one file for a node, every key known; files to try things with
- `terminal_devices`  reader, PIN pad and printer as the settings name them
- `device_events`, `device_metrics`, `monitor`  what happens to them, in the journal and for a scraper
- `readiness`, `recovery`, `left_card`  may money be taken now? what a start takes up again; a card that nobody took
- `maintenance`, `device_tests`, `found_devices`, `advice`  a technician gets the terminal between two customers; tests; what helps
- `own_certificates`, `enrolment`, `certificate_renewal`  this node's certificates, and how a terminal gets its own
- `gateway_nearby`, `gateway_link`, `sockets`  where the gateway is, what is spooled for it, who listens
- `registry`   what was told to customers, told to the gateway every half hour
- `journal`, `retention`, `migrations`, `logs`, `masked_pan`  what is kept and how long, what is said, and how much of a card may be in it
- `scanned`    what a scanned code says: a bill's requisite, or a payment link
- `earlier_payments`, `guesses`, `popular`  a payment found and printed again; what is paid here
- `receipt`, `slip`, `receipt_frame`, `receipt_facts`, `kept_receipts`, `texts`, `why_not`  what is printed and told, and in which words
- `emulators_by_hand`, `command_arguments`  a demo's card, PIN pad and printer, operated as a person would
- `terminal_commands`, `serving_commands`, `payment_numbers`, `owner`, `doctor`, `examination`, `registry_findings`  what may be asked of a terminal, and by which numbers;
  asking it, or opening its store
- `kiosk`     the customer's screen, and what a person does around a journey
- `technician`, `support`, `dispute`  a report at a glance, tests, the service page; a bundle to take away; a payment put before e-port
- `processes`, `browser`, `x_display`  programs that we start; the one that shows the customer's screen, and how large that is
- `cli`, `demo`  the command line, and the product shown at work
"""

VERSION = "0.1.0"
