"""What a technician sees and does: a report at a glance, tests of devices, the service page, a bundle to take away.

Read in this order:

- `checked`, `report`   a finding with its verdict, its next step and who must come; everything at a glance
- `control`   what may be asked of a running terminal, as commands of its control socket
- `paper`   the report for the terminal's own printer
- `bundle`   a zip for support, without anybody's data
- `pin_file`, `sessions`   who may use the page: a PIN with a lock-out that survives restarts, one session
- `desk`, `door`, `pages`   what the page needs of the terminal; who is let in; what is seen and done
- `wording`, `service_page`   the page as HTML; its place beside a terminal

What helps against a code is `agent.advice`; the terminal is taken and given back by `agent.maintenance`; tests run
in `agent.device_tests`. `agent.doctor` asks a node's processes for the report.
"""
