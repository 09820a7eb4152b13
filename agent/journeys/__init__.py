"""What a customer lives through at the terminal, as tables, and what makes them move.

Read in this order:

- `bill`         the table of a bill payment: which event leads where, and how the journey ends
- `payment_link` the table of a shop's payment by link: a bill's, without asking for a sum
- `card_record`, `bill_record`, `link_record`  what is known of one journey; a screen is a function of it alone
- `customer`     the port to the person: a page, a command line, a test
- `ports`        what a journey needs of the gateway, the readiness gate and the receipt
- `bill_store`, `bill_book`   the records' rows in `agent.db`; a move committed with all that it causes
- `bill_search`               a bill's journey by whatever number a person has
- `bill_run`, `bill_runner`   what never leaves memory; from state to effect to event to state
- `bill_check`, `bill_card`, `bill_send`, `bill_finish`  the effects, in the order they happen
- `sending`, `link_send`      the PUT and its fate, whatever is paid; what a link does in its own way
- `merchant_sale`, `sale_record`  the table of a sale at a POS, and what is known of one
- `merchant`, `sale_book`     the port to the merchant; sales in `agent.db`
- `sale_run`, `sale_runner`   a sale's effects; from state to effect to event to state
"""
