"""What a customer lives through at the terminal, as tables, and what makes them move.

Read in this order:

- `bill`         the table of a bill payment: which event leads where, and how the journey ends
- `bill_record`  what is known of one journey; a screen is a function of this record alone
- `customer`     the port to the person: a page, a command line, a test
- `ports`        what a journey needs of the gateway, the readiness gate and the receipt
- `bill_store`, `bill_book`   the record's rows in `agent.db`; a move committed with all that it causes
- `bill_search`               a journey by whatever number a person has
- `bill_run`, `bill_runner`   what never leaves memory; from state to effect to event to state
- `bill_check`, `bill_card`, `bill_send`, `bill_finish`  the effects, in the order they happen
"""
