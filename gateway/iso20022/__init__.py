"""What banks and the transfers platform say to each other: ISO 20022 messages (PROTOCOLS §3.2, §3.4).

Everything here is pure. Signatures are `certs`' matter, and who may say what when is the dialogues'.
A message is a model, a table of its structure (what ISO allows: 400) and a table of its fields (what
we ask: 422). The official schemas are not here: tests hold the tables against them.

A message from outside goes `document.check_media_type` → `document.parse` → (signature) →
`DEFINITIONS[kind].check` → (party) → `envelope.check_header` → (replay) → `SoundMessage.read`.

Read in this order:

- `admi_009`, `admi_010`  a link's details: the question and the answer
- `pacs_008`, `pacs_002`, `pacs_028`  the order, its status, the question about its status
- `admi_002`      what an HTTP error says
- `messages`      all of them by name
- `definition`    what one kind of message is made of, and the ways from and to a document
- `fields`, `rows`  the engine under the field tables; rows that are more than one text
- `formats`       our rules for a text: IBAN, IIN, KNP, amounts, instants
- `structure`     the engine under the structure tables
- `components`, `datatypes`  the parts and simple types of ISO 20022 that the messages share
- `document`      bytes to a tree, hardened; the digest of what was signed
- `envelope`      sender and identifiers before the fields are judged; the header
- `identifiers`   24 characters that name a message, a chain, a transaction, a link
- `codes`         why an order was refused, in three languages
- `errors`        each refusal with its check's code and HTTP status
"""
