"""The demo's page: the customer's screen, and beside it everything that people do around a terminal.

It is served on loopback by the demo's own process, to its own origin only. What it does goes over the same
wires that anybody could use: the terminal's control socket, the sandbox's API, the gateway's control socket.

- `troubles`   what can go wrong at e-port and the card host, as rules of the sandbox
- `ailments`   what can go wrong at a device, as scripts of its emulator
- `board`      the latest word on each topic, for whoever looks
- `following`  what is seen of devices and books, put on the board
- `doings`     what a press on the page does
- `server`     the page and its addresses; `templates`, `static`
"""
