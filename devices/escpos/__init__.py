"""The receipt printer: from a receipt's elements to bytes, down the wire, and back to what a person reads.

It knows paper, letters and one wire; it does not know what a payment is.

Read in this order:

- `elements`    what a receipt is made of
- `profile`     what one model of printer can do
- `opcodes`     the ESC/POS commands that we speak, one row each
- `codepages`   which code page can say a line
- `typeset`     running text → lines of columns
- `glyphs`, `raster`   letters, QR codes and pictures as dots
- `layout`      elements → bytes
- `sheet`       what a technician prints to see whether a printer can say everything
- `decoder`, `paper`   bytes → commands → strips of paper: the printer's side of the wire
- `picture`   strips → an image
- `reading`, `lookalikes`, `terminal`   strips → text, by the company that letters keep; a receipt on a screen
- `conditions`, `printer`   what a printer says of itself; the driver

`fonts/` holds the letters and says where they come from.
"""
