"""Reconciliation: e-port's daily registries against our book, until every tenge is agreed or decided (DESIGN §7).

Read in this order:

- `matching`         two sorted streams merged into classes; `decision_rules` what may be decided about each
- `calendar`         business days in a named time zone
- `download`         a closed day, fetched from e-port; `intake` proves it, `daily` keeps it
- `settlement`       what the registries decide about payments that are still open
- `comparison`       both books of a day, page by page; `cases` what differs, who decided what
- `book`             days, their totals, and their close
- `facts`            what the monthly act rests on
- `reconciler`       a day from its registry to its close; `rounds` every day by itself
- `commands`         what a person may ask and order; `story` what it knows of one payment; `parts` all of it together
"""
