"""The command line: `tolem …`, or `python -m agent.cli …`.

Results go to stdout, everything else to stderr. A command that fails says what, why and what to do.

Read in this order:

- `app`       the commands, and their entry point; `deferred` loads each when it is called
- `failures`  the errors that a person may meet, as exit codes and sentences
- `process`   running a command's coroutine, and stopping it
- `look`      how lines and tables look; `options` that several commands have; `private_file` for files of ours alone
- `pay`, `pay_link`, `pay_lines`, `pay_endings`  one payment, told line by line, and how it ended for a script
- `sale`      a merchant's sale likewise; `following` what all of them do while they wait
- `payments`, `payments_told`, `payment_search`, `alarms`, `spool`, `registry`, `products`, `doctor`  looking into a node, and deciding
- `reconcile`, `reconcile_told`, `retention`  a day compared with e-port's registry, differences decided; what was forgotten
- `transfers`, `transfers_told`  payments by link: each chain with its messages
- `devices`, `service`, `support_bundle`  a technician's: tests, the PIN of the page, a zip for support
- `catalogue`, `catalogue_orders`, `catalogue_told`  a catalogue checked, published, switched
- `certs`, `certs_exchange`, `terminals`, `enrol`  the personal certificate; the terminals' own CA and codes
- `act`, `act_told`, `act_files`  the monthly act: made, signed, verified, compared; its files
- `office`     who may use the operators' page
- `services`, `sandbox`, `sandbox_platform`, `kiosk`  processes that run until they are stopped
- `demo`, `demo_story`, `demo_report`, `demo_play`, `demo_progress`, `demo_links`  the product shown at work
"""

from agent.cli.app import main

__all__ = ["main"]
