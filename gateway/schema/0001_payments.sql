-- Checks and bill payments (DESIGN §5). Times are Unix milliseconds in UTC, sums minor units of KZT.
-- Card data have no column. A state is changed by gateway/moves.py (payment) and gateway/checks.py
-- (account_check) only.

CREATE TABLE account_check (
    check_id          TEXT    PRIMARY KEY,      -- txn_id of the accepted bank_account
    terminal          TEXT    NOT NULL,
    state             TEXT    NOT NULL CHECK (state IN ('OFFERED', 'USED', 'EXPIRED')),
    product           TEXT    NOT NULL,
    catalogue_version TEXT    NOT NULL,         -- a payment ends by the version it began with
    requisites        TEXT    NOT NULL,         -- JSON [[code, value], …]
    fields            TEXT    NOT NULL,         -- JSON [[name, title, value], …], as e-port told them
    amount_minor      INTEGER,                  -- the sum that was checked, if one was
    minimum_minor     INTEGER NOT NULL,
    maximum_minor     INTEGER NOT NULL,
    debt_minor        INTEGER,
    fee_rule          TEXT    NOT NULL,         -- JSON, as offered
    offered_ms        INTEGER NOT NULL,
    valid_until_ms    INTEGER NOT NULL
) STRICT;

CREATE TABLE payment (
    payment_id     TEXT    PRIMARY KEY,         -- UUIDv7, chosen by the terminal
    terminal       TEXT    NOT NULL,
    check_id       TEXT    NOT NULL UNIQUE REFERENCES account_check (check_id),
    request_digest BLOB    NOT NULL,            -- HMAC of the PUT's content
    state          TEXT    NOT NULL CHECK (state IN (
        'HOLDING', 'PAYING', 'PENDING', 'UNRESOLVED', 'PAID', 'RELEASING', 'RELEASED', 'REFUSED')),
    moves          INTEGER NOT NULL CHECK (moves > 0),   -- lines of its history
    reason         TEXT,                        -- of an ending that is no payment
    amount_minor   INTEGER NOT NULL CHECK (amount_minor > 0),
    fee_minor      INTEGER NOT NULL CHECK (fee_minor >= 0),
    total_minor    INTEGER NOT NULL CHECK (total_minor = amount_minor + fee_minor),
    txn_id         TEXT    NOT NULL UNIQUE,
    rrn            TEXT    NOT NULL,            -- field 37 of every message about this hold
    stan           TEXT    NOT NULL,            -- field 11 of the 0100
    acquirer       TEXT    NOT NULL,            -- its field 32
    merchant       TEXT    NOT NULL,            -- its field 42
    advice_stan    TEXT,                        -- field 11 of its 0220 or 0420
    response_code  TEXT,                        -- field 39 of the 0110
    approval_code  TEXT,                        -- field 38
    eport_id       TEXT,
    provider_finished_at TEXT,                  -- RFC 3339, as e-port wrote it
    accepted_ms    INTEGER NOT NULL,
    changed_ms     INTEGER NOT NULL CHECK (changed_ms >= accepted_ms),
    finished_ms    INTEGER,
    hold_closed_ms INTEGER                      -- the card host will hear no more of it: its STANs are free
) STRICT;

CREATE INDEX payment_hold_open ON payment (terminal) WHERE hold_closed_ms IS NULL;
CREATE INDEX payment_interrupted ON payment (state) WHERE state IN ('HOLDING', 'PAYING');
CREATE INDEX payment_rrn ON payment (rrn);
CREATE INDEX payment_eport_id ON payment (eport_id) WHERE eport_id IS NOT NULL;
CREATE INDEX payment_accepted ON payment (accepted_ms);

-- The history. What changes nothing is noted once for each state and event.
CREATE TABLE payment_move (
    payment_id TEXT    NOT NULL REFERENCES payment (payment_id),
    n          INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    state      TEXT    NOT NULL,                -- after it
    at_ms      INTEGER NOT NULL,
    note       TEXT    NOT NULL,
    PRIMARY KEY (payment_id, n)
) STRICT, WITHOUT ROWID;

-- The terminal was told that a payment never arrived; a PUT of it is refused for ever.
CREATE TABLE tombstone (
    payment_id TEXT    PRIMARY KEY,
    terminal   TEXT    NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;

-- From where a sequence was made to go on, and who said so (gateway/numbering.py).
CREATE TABLE sequence_floor (
    name   TEXT    NOT NULL,
    floor  INTEGER NOT NULL,
    source TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (name, at_ms, source)
) STRICT;
