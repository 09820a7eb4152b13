"""Talking to a chip card by its contacts, up to the cryptogram (EMV 4.3, ISO 7816-4; PROTOCOLS §7).

Read in this order:

- `tlv`, `tags`, `dol`   what a card's data is made of; the elements by name; what a card asks for
- `apdu`, `status_words`   commands, responses and what their last two bytes say
- `channel`, `exchange`   whatever leads to the card; one command with its follow-ups and deadline
- `schemes`, `selection`, `finding`   which applications we serve; what directories say; the search
- `cardholder`, `application`   whose card it is; one application: its options and its records
- `terminal`, `cryptogram`   what we tell the card; GENERATE AC and field 55
- `faults`, `reader`   everything that a card does wrong, by name; the driver
"""
