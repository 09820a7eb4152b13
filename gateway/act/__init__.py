"""The monthly act of acceptance between the bank and e-port: the sum of the closed days, signed, and its renderings.

Read in this order:

- `month`   a calendar month, as an act names it
- `facts`   what an act rests on: closed days, their registries, adjustments, open items
- `document`, `composed`   the act as canonical JSON, which is what is signed; an act out of its facts
- `spelled`   sums in words, in Russian and in Kazakh
- `eport_act`, `protocol`   e-port's own act, and where the two differ
- `signed`, `acts`   the acts that were signed; drafts, and what may be signed; `commands` what a person may order
- `papers/`   PDF and XLSX made of an act

Nothing here knows how days are reconciled: `gateway.reconciliation` fills the facts, and whoever puts both
together hands them over.
"""
