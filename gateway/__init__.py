"""What is said to the outside about money: the billing gateway between terminals, e-port and the card host.

It knows no device and no screen; it keeps what it must not lose in a spool, and what it may say in a
table. One payment, read in this order:

- `payment_states`  the life of a payment, every event in every state; `check_states` for a check
- `state_table`     the engine under both, and their diagrams
- `contract`        the shapes of our own API; `problems` its errors, `api_table` its calls
- `checking`        POST a check: catalogue, e-port, an offer (`offers`, kept by `checks`)
- `billing`         PUT a payment: what it has to pass (`admission`, `cards`), its hold, its outcome
- `moves`           the only place that changes a payment's state; `payment` reads it, `schema/` keeps it
- `steps`           what each step of the table does: exact bytes into the spool
- `deliveries`      how they leave, and what an answer means
- `outcomes`        verdicts, apart from any wire's codes; `reasons` why nothing was paid

Around it:

- `numbering`       txn_id, RRN, STAN out of the store's sequences; `identifiers` their forms
- `idempotency`     a POST is done once; `waiting` long polls; `readiness` may money be taken now?
- `eport_probe`     is e-port back? asked while its breaker is open
- `alarms`          what a person must close; `operator` what a person may ask and order
- `api`             aiohttp around the table: `api_requests` in, `api_handlers` between, `openapi` of it all
- `terminal_events` the terminals' journals; `views` a payment as its terminal sees it; `metrics`
- `client`          what a terminal calls all this with
- `settings`        sections of the file; `outside` the two lines; `listening` the sockets
- `assembly`        the parts put together; `service` the start and the end of a gateway
- `money`, `times`  integers of minor units, milliseconds of UTC

`eport/`, `funds/` and `providers/` are the three wires and files it speaks; `sandbox/` is what it is tested against.
"""
