"""The monthly act of acceptance between the bank and e-port: the sum of the closed days, signed, and its renderings.

Read in this order:

- `month`   a calendar month, as an act names it
- `facts`   what an act rests on: closed days, their registries, adjustments, open items

Nothing here knows how days are reconciled: `gateway.reconciliation` fills the facts, and whoever puts both
together hands them over.
"""
