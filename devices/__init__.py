"""What the terminal can touch: card reader, PIN pad, receipt printer, barcode reader.

The words are XFS4IoT's. Nothing here knows about money, networks or the gateway.

Read in this order:

- `interfaces`  the ports that the journey sees, and the words they answer with
- `port`, `errors`   the line under a driver, and what goes wrong with it
- `port_names`, `port_makers`, `discovery`, `found_port`   what settings call a line; which there are, wherever they are now
- `serial_port`, `usb_printer_line`, `threaded_port`, `port_holder`, `tcp_port`   the lines themselves; who else has one
- `visa_pad`    the PIN pad's wire: frames, commands, the driver
- `escpos`      the receipt printer's wire: opcodes, code pages, layout, the driver, the picture
- `scanner`     the barcode scanner's wire and driver
- `emv`         talking to a chip card: TLV, tags, application selection, the cryptogram
- `pcsc`        a card reader by pcscd: what comes and goes, one session, one thread in which it blocks
- `emulators`   the same wires from the other side: a card, a pad, a printer on pseudo-terminals
- `drivers`     which driver serves which class of device
- `witness`, `shared_question`   who is told what a driver sees; a status that two ask for at once
- `connection_states`, `supervisor`   how a device comes and goes, as a table; who asks it in the background
- `actions`, `events`   what helps against an error and who must come; what is told to journal and metrics
- `selftest`    what a technician can test at each device
"""
