-- Registries of whatever store makes them, a gateway's or a terminal's (PROTOCOLS §1, §2.5). Stores of an earlier
-- numbering have these tables from a migration of their own (`formerly`, spool/migrations.py).

-- What a registry tells of an operation, written in the transaction that changed it, and never changed again
-- (gateway/registry/changes.py). `changed_ms` is never inside a window that was closed before.
CREATE TABLE IF NOT EXISTS registry_change (
    changed_ms INTEGER NOT NULL,
    subject    TEXT    NOT NULL,                -- payment_id
    n          INTEGER NOT NULL CHECK (n > 0),  -- of this subject's changes, in the order of their times
    sum_minor  INTEGER NOT NULL,
    fee_minor  INTEGER NOT NULL,
    line       BLOB    NOT NULL,                -- as it is sent, CRLF included
    PRIMARY KEY (changed_ms, subject, n)        -- a window is one stretch of this
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS registry_change_subject ON registry_change (subject, n, changed_ms);

-- The kinds of registries that this store makes. Every window up to `closed_to_ms` is closed.
CREATE TABLE IF NOT EXISTS registry_series (
    kind         TEXT    PRIMARY KEY,
    last_n       INTEGER NOT NULL CHECK (last_n >= 0),
    closed_to_ms INTEGER NOT NULL
) STRICT;

-- One row for each closed window; its content are the changes in [opens_ms, closes_ms).
CREATE TABLE IF NOT EXISTS registry (
    kind         TEXT    NOT NULL REFERENCES registry_series (kind),
    n            INTEGER NOT NULL CHECK (n > 0),    -- without gaps
    registry_id  TEXT    NOT NULL UNIQUE,
    holder       TEXT    NOT NULL,
    time_zone    TEXT    NOT NULL,                  -- its times are written in it, whatever the settings say later
    opens_ms     INTEGER NOT NULL,
    closes_ms    INTEGER NOT NULL CHECK (closes_ms > opens_ms),
    created_ms   INTEGER NOT NULL,
    count        INTEGER,                           -- this and what follows: once it was sealed
    sum_minor    INTEGER,
    fee_minor    INTEGER,
    total_minor  INTEGER,
    length       INTEGER,
    lines_sha256 TEXT,
    sha256       TEXT,
    sendings     INTEGER NOT NULL DEFAULT 0,        -- entries of the spool that it had
    sent_ms      INTEGER,                           -- when the last of them was written; NULL: its turn has not come
    acknowledged_ms INTEGER,
    CHECK ((sha256 IS NULL) = (count IS NULL)),
    CHECK (sent_ms IS NULL OR (sha256 IS NOT NULL AND sendings > 0)),
    PRIMARY KEY (kind, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS registry_unsealed ON registry (kind, n) WHERE sha256 IS NULL;
CREATE INDEX IF NOT EXISTS registry_unsent ON registry (kind, n) WHERE sent_ms IS NULL AND acknowledged_ms IS NULL;
CREATE INDEX IF NOT EXISTS registry_waiting ON registry (kind, n) WHERE acknowledged_ms IS NULL;
CREATE INDEX IF NOT EXISTS registry_closes ON registry (closes_ms);
