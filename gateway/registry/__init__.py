"""Registries: what changed in an hour, told to who must know, and acknowledged by count, sums and hash (PROTOCOLS §2.5).

Read in this order:

- `layout`, `reading`   the bytes as a table; written here, and read strictly or refused whole
- `window`              which hour: the grid of :00 and :30
- `changes`             the line that is written with each move, at a time that no closed window covers
- `book`                closed windows, what each holds, and what became of it; `body` streams one
- `rounds`              every half hour: close, count, spool
- `exchange`            how they leave and what an answer means; `upload` over HTTPS, or `serving` who fetches them
- `overview`            where they stand; `commands` what a person may ask and order; `parts` all of it together
- `terminals`           those of our terminals, taken in order; `differences` from our book
"""
