"""The HTTP API between terminals and the gateway (PROTOCOLS §1); its shapes are `gateway.contract`.

- `table`            the calls, one row each (`call`); routes, checks and the contract follow from it
- `server`           aiohttp around the table: `requests` in, `handlers` between
- `transfer_calls`   the rows for C2B2E, `transfer_handlers` what they do
- `openapi`          `openapi.json` out of the table and the models
- `terminal_events`  the terminals' journals
- `listening`        the sockets
"""
