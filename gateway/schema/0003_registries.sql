-- What terminals told in their registries, and how far they are.
CREATE TABLE terminal_registry (
    terminal     TEXT    NOT NULL,
    installation TEXT    NOT NULL,
    n            INTEGER NOT NULL,
    closes_ms    INTEGER NOT NULL,
    taken_ms     INTEGER NOT NULL,
    sha256       TEXT    NOT NULL,
    answer       BLOB    NOT NULL,                  -- the same bytes again get the same answer
    PRIMARY KEY (terminal, installation, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE terminal_progress (
    terminal     TEXT    PRIMARY KEY,
    closes_ms    INTEGER NOT NULL,                  -- `to` of its last registry
    compared_ms  INTEGER NOT NULL,                  -- our payments accepted before: it told of them, or an alarm says so
    taken_ms     INTEGER NOT NULL,
    missed       INTEGER NOT NULL CHECK (missed IN (0, 1))   -- its silence was alarmed
) STRICT;

-- Every payment that a terminal told of.
CREATE TABLE terminal_payment (
    payment_id TEXT    PRIMARY KEY,
    terminal   TEXT    NOT NULL,
    ending     TEXT    NOT NULL,
    taken_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_of_terminal ON payment (terminal, accepted_ms);
