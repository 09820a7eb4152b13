"""The command line: `tolem …`, or `python -m agent.cli …`.

Results go to stdout, everything else to stderr. A command that fails says what, why and what to do.

Read in this order:

- `app`       the commands, and their entry point
- `failures`  the errors that a person may meet, as exit codes and sentences
- `process`   running a command's coroutine, and stopping it
- `look`      how lines and tables look
- one module for each command
"""

from agent.cli.app import main

__all__ = ["main"]
