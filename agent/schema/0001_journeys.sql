-- The terminal's own tables in agent.db. Times end in _ms and are UTC.

-- One row for each bill payment that a customer began. `record` is the journey as JSON, and has no card data;
-- the columns beside it are what is looked up.
CREATE TABLE bill_journey (
    id             INTEGER PRIMARY KEY,
    journey_id     TEXT    NOT NULL UNIQUE,
    state          TEXT    NOT NULL CHECK (state IN (
        'STARTED', 'OFFERED', 'CONSENTED', 'CARD_IN', 'APPLICATION_CHOSEN', 'PIN_DONE', 'SENDING', 'ASKING',
        'ENDED', 'RECEIPT_DONE', 'CARD_TAKEN', 'CARD_LEFT', 'RETURNING', 'ABANDONED')),
    payment_id     TEXT    UNIQUE,
    receipt_number TEXT    UNIQUE,
    started_ms     INTEGER NOT NULL,
    changed_ms     INTEGER NOT NULL,
    record         TEXT    NOT NULL,
    CHECK ((payment_id IS NULL) = (receipt_number IS NULL)),
    CHECK (payment_id IS NOT NULL OR state NOT IN (
        'SENDING', 'ASKING', 'ENDED', 'RECEIPT_DONE', 'CARD_TAKEN', 'CARD_LEFT')),
    CHECK (payment_id IS NULL OR state NOT IN ('RETURNING', 'ABANDONED'))
) STRICT;

-- What a start has to take up again.
CREATE INDEX bill_journey_open ON bill_journey (id)
    WHERE state NOT IN ('CARD_TAKEN', 'CARD_LEFT', 'ABANDONED');

-- The terminal's journal: numbered from 1 without gaps, forwarded to the gateway in batches.
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    data   TEXT    NOT NULL          -- JSON object
) STRICT;

-- Up to where the journal was handed to the spool.
CREATE TABLE journal_handed (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    up_to     INTEGER NOT NULL
) STRICT;
INSERT INTO journal_handed VALUES (1, 0);
