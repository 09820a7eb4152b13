"""The barcode scanner: a line on which codes come whenever somebody holds one before it.

Read in this order:

- `frames`   bytes → codes, each ended by CR, LF or both
- `scanner`  the driver
"""
