"""What is said to e-port, and what its answers mean (PROTOCOLS §2). The client side only.

Read in this order:

- `operations`  the field tables: which element stands where in which request and answer
- `messages`    requests and answers as values; `build` and `parse_answer` walk the tables
- `xml`         bytes to a tree and back, hardened; knows no element by name
- `results`     the table of result codes: what an answer comes to
- `codec`       the port to a wire form; `xml` is the one that exists
- `client`      HTTPS: one attempt, one outcome; `failures` what kept it from being answered

Nothing here repeats, waits or remembers: that is the spool's. Everything but `client` is pure.
"""
