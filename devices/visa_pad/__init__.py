"""The PIN pads of the VISA / VeriFone family (PROTOCOLS §6): PINpad 1000SE, UIC PP791 and their kin.

Read in this order:

- `frames`    bytes to frames and back; knows no message
- `commands`  the table of messages: how each is built, and what its answer says
- `link`      one frame at a time over a port, acknowledged
- `pin_entry` how a PIN is asked for, under either key scheme, and an entry ended that is over
- `failures`  what each failure is called in XFS4IoT's words
- `pinpad`    the driver: one command queue, deadlines, results
"""
