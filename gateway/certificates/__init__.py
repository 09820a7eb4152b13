"""The gateway's own certificates while it runs: when they end, what is wrong with them, and taking a new one.

- `files`          the pairs that the settings name
- `line`           what the TLS of the line to e-port last came to
- `watch`          every certificate's standing: reasons for readiness, numbers for the metrics
- `expiry_alarms`  60, 30, 7 and 1 day before the end, each once
- `files_in_use`   files that were replaced are taken, or are an alarm
- `rotation`       a new personal certificate is tried before a payment depends on it
- `keeper`         the task that looks at all of this every few seconds
"""
