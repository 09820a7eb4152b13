"""What is said to the outside about money: the billing gateway between terminals, e-port and the card host.

It knows no device and no screen; it keeps what it must not lose in a spool, and what it may say in a
table. Read in this order:

- `contract`        the shapes of our own API; `problems` its errors, `client` what a terminal calls it with
- `transfer_contract` the shapes for C2B2E, `transfer_client` its calls
- `state_table`     the engine under every table of states, and their diagrams
- `outcomes`        verdicts, apart from any wire's codes; `reasons` why nothing was paid
- `bills/`          checks and payments: their tables, moves, steps and deliveries
- `eport/`, `funds/` and `providers/` are the wires and files it speaks; `outside` opens the lines
- `iso20022/`      what banks and the transfers platform say to each other: messages, no dialogues
- `c2b2e/`          both banks' dialogues when a shop is paid by link or QR: tables, store, wires
- `registry/`       what changed in each hour, told to e-port, the central system and by each terminal, until acknowledged
- `reconciliation/` e-port's daily registries against our book: cases, decisions, closed days
- `act/`          the monthly act between the bank and e-port
- `office/`       the operators' page: days, differences, decisions, acts; `office_settings`
- `publishing/`     catalogues in versions, signed, and providers switched off
- `certificates/`   the gateway's own: when they end, what is wrong with them, a new one; `eport_trial` tries that,
                    `eport_clock` is another witness of the time
- `enrolment/`      terminals get their certificates here, and lose them
- `api/`            the HTTP API itself; `idempotency` does a POST once, `waiting` is for long polls
- `retention`       how long what has ended is kept, and how it is forgotten
- `alarms`          what a person must close; `operator` what a person may ask and order, by `command_arguments`; `metrics`
- `settings`        sections of the file, `transfer_settings` those of C2B2E; `setting_values` what a key may hold
- `migrations`      its tables in the store; `ground`  what is refused before a store is opened; `contexts` TLS towards each side
- `assembly`        the parts put together, `parts` how they run; `service` the start and the end of a gateway, `shutdown` how long the end may take
- `money`, `times`, `identifiers`  integers of minor units, milliseconds of UTC, forms of numbers
- `sandbox/`        the outside world that all this is tested against
"""
