"""The other side of each wire: devices to develop, test and demonstrate without hardware.

Each speaks the real wire in the device's role and can be made to fail in named ways. None of them is
reached by a driver in any other way than through its port.

- `terminals`   pseudo-terminals in place of serial ports
- `pinpad`      a VISA PIN pad; `pad_line`, `pin_requests`, `keypad` are its parts, `dukpt` its keys
- `card`        a chip card that answers APDUs; `card_files`, `card_cryptogram` are its parts
"""
