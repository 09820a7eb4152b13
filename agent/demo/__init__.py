"""The product shown at work: the sandbox and its real processes, payments, and three books compared.

- `run_folder`  a fresh folder: settings, logs, stores and receipts stay there to be looked at
- `stage`       sandbox, gateway and terminals up and running, joined over mutual TLS; `starting` starts any process of ours
- `panel`       a page with the customer's screen, the devices for one's own hands, and the books
- `campaign`    many payments at many terminals under faults, by a seed
- `customers`   what they pay, by a seed
- `comparison`  the three books, and what the terminals told their customers
- `registries`  what e-port and the central system know from registries alone
- `transfers`   a shop paid by link through two banks, with a stage and a campaign of its own
"""
