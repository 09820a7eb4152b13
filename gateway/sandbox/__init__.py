"""The outside world on loopback: e-port, a card host and the bank's central system, with books of their own.

It is what a bank's integrator meets before the real test stand, and what every test of a payment
compares our books with. Strict in what it accepts: whatever PROTOCOLS §2 or §5 forbids is refused, and
`GET /log` says which rule was broken, and where. Written from PROTOCOLS alone; it shares no line with
`gateway.eport`, `gateway.funds` and `gateway.registry`, so that two readings of the text meet on the wire.
It is no part of what a bank runs.

    async with Sandbox.open(folder) as sandbox:
        sandbox.eport_url, sandbox.card_host, sandbox.central_url, sandbox.ca, sandbox.bank

Read in this order:

- `server`, `settings`   what starts, what it can be told
- `books`                three books compared line by line: what a test and the demo end with
- e-port:     `eport` (HTTPS) → `eport_document`, `eport_requests` by `eport_fields`, `eport_rules`
              → `provider` (the decisions) → `eport_book`, `eport_answers`
- card host:  `card_host` (TCP) → `card_messages` by `card_fields`, `card_rules`, `chip_data`
              → `issuer` (the decisions) → `card_book`; `pin` opens PIN blocks
              `account_desk` → `account_book`: account status, beneficiary check, credit (transfers)
- registries: `registry_desk` (POST /registry) → `registry_layout` by `registry_rules` → `registry_book`;
              `central` is the bank's central system, `registry_comparison` what came against what was to come
- e-port's days: `eport_days`, `eport_daily` (GET /daily/{day}), `eport_slips` what is written wrong on purpose
- `platform`             the transfers platform and a scripted bank, a package with a map of its own
- `transfer_books`       its three books compared: payer's card host, platform, payee's card host
- `ledger`               the SQLite file under each book
- `faults`, `eport_faults`, `card_faults`   named troubles, chosen by rule or by seed, before or after the effect
- `relay`                troubles of a network between any two processes
- `admin`, `admin_bodies`   HTTP on loopback: ledgers, log, faults, accounts; `GET /` lists its calls

Special accounts. Every account is accepted, with a name and a debt made up from it, unless its last six
characters are a key of `subscribers.SPECIAL` (`GET /accounts` lists them):

    900 + code   the check is answered so: 900005 not found, 900079 inactive, 900008 technical ban…
    911 + code   the check is accepted; the payment is refused so, or is in doubt first, then accepted
    922 + code   in doubt first, then refused
    933 + code   in doubt until somebody decides (PUT /payments/{txn_id})

Any other account can be told to behave as one of them (PUT /accounts/eport/{account}).

Cards and amounts. Any card is opened at first sight with a balance and PIN 1234. `issuer` tells which
amounts are declined with which code; `CardHostSettings.cards` and PUT /accounts/card-host/{token} do it
by card; a PAN of 400000 0000 CC… is answered CC from its first hold on. A ledger knows cards by a token only.
"""
