"""Durable entries, idempotent answers and sequences in one SQLite file with one writer.

The spool knows no payload: what an entry means is the business of whoever put it there.
"""
