"""The bank's operators' page: days as a calendar, what differs, what to decide, a payment's whole story, the month's act.

Server-rendered, with no script at all; it asks and orders what the control socket does, in the name of who is logged in.

Read in this order:

- `passwords`, `sessions`   who may use it: names and scrypt hashes with a lock-out that no restart forgets; who is in
- `guard`, `door`   who may ask the port; who is let in, and what a form must show
- `desk`      what the page needs of the gateway
- `calendar`, `chart`   a month's days in weeks with their standing; totals per provider as a picture
- `pages`, `papers`   what is seen and done; an act's files
- `words`, `wording`   three languages; the page as HTML
- `office`    its place beside a gateway
"""
