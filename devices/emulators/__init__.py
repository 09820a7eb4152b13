"""The other side of each wire: devices to develop, test and demonstrate without hardware.

Each speaks the real wire in the device's role and can be made to fail in named ways. None of them is
reached by a driver in any other way than through its port.

- `terminals`, `network`   pseudo-terminals in place of serial ports; a printer's raw port on loopback
- `pinpad`      a VISA PIN pad: the pad's half of the wire
- `pad_line`, `pin_requests`, `keypad`   its line with its faults, what it reads and answers, what a person touches
- `dukpt`, `counter_file`   its keys, and the counter that outlives a restart
- `card`, `card_slot`   a chip card that answers APDUs, and the reader's slot that a person puts it into
- `pcscd`, `vpcd`   a pcscd of our own with a virtual reader, and the card's end of the line to that
- `card_files`, `card_cryptogram`   what is on the card, and how it makes its cryptogram
- `wallet`      cards for a person's hand, each of which goes another way
- `printer`     an ESC/POS printer that keeps what it printed
- `scanner`     a barcode scanner before which a person holds codes
- `ready`       each of them as a terminal has it, served by a person inside where nobody operates it
- `script`      the faults of all of them by name, one after the other
"""
