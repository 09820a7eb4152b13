"""The process at the terminal: journeys, receipts, settings and the command line."""
