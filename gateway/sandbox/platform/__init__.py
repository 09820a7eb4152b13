"""The transfers platform on loopback (PROTOCOLS §3), and a scripted bank to stand on its other side.

A second reading of the text: it shares no line with `gateway.iso20022`, `gateway.c2b2e` and
`certs.xmldsig`. Strict in what it accepts, it re-signs each hop, keeps every participant's position in a
ledger of its own, and can be told to fail at each step of the source (`step_faults`).

    async with Platform.open(folder) as platform:
        platform.join(Participant("AAA", "AAAAKZKA", url="https://…", pins=frozenset({sha256})))

Read in this order:

- `running`, `settings`, `settings_file`   what starts, what it can be told
- `server`, `desk`        HTTPS; what is checked before a message means anything, by `rules`
    `documents` → `signatures` → `structure` → `messages`: bytes, tree, verified tree, fields
- `clearing`              the decisions, by the table of `transfer_states` → `book`, `participants`
- `outbox`, `templates`   what follows is written and signed in the same transaction
- `courier`, `waiting`  it leaves, again until it is answered; and what happens if nobody answers
- `step_faults`           named troubles of each step, in both directions
- `admin`                 HTTP on loopback: ledger, chains, faults, participants; `GET /` lists its calls
- `bank`                  a scripted bank: `bank_line`, `bank_payer`, `bank_payee`

`gateway.sandbox.transfer_books` compares three ledgers: payer's card host, platform, payee's card host.

What the source leaves open is read so: 16.1 and 17.1 are the pacs.028 of the payee's and of the payer's
bank, with the pacs.002 that answers it. An enquiry that fails is told to the payer as admi.010 with ERROR:
AB08 the payee's bank is silent, AB05 gives no details in time, MS03 refuses, FF01 answers with what is
invalid. A PDNG that the payer refuses is MS03, one that it never answers TM01, a commit that fails ED05.
A commit is undone only if the payee's bank refuses the very first ACSC; behind a silence a refusal proves
nothing, and it is told again until it answers 200 or asks.
"""
