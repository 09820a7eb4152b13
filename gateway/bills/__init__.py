"""One bill, from the question whose account it is to its ending in three books.

Read in this order:

- `payment_states`  the life of a payment, every event in every state; `check_states` for a check
- `checking`        POST a check: catalogue, e-port, an offer (`offers`, kept by `checks`)
- `billing`         PUT a payment: what it has to pass (`admission`, `cards`), its hold, its outcome
- `moves`           the only place that changes a payment's state; `payment` reads it, `gateway/schema/` keeps it
- `business_day`    the day to which a paid one belongs
- `reported`        how it stands in a registry after a move
- `steps`           what each step of the table does: exact bytes into the spool
- `deliveries`      how they leave, and what an answer means
- `numbering`       txn_id, RRN, STAN out of the store's sequences
- `readiness`       may money be taken now? `eport_probe` asks whether e-port is back
- `views`           a payment as its terminal sees it
"""
