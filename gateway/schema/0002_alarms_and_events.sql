-- What a person must know and close. The same alarm about the same subject is one row while it is open.
CREATE TABLE alarm (
    alarm_id  INTEGER PRIMARY KEY,
    name      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,                 -- a payment_id, a terminal, or ''
    detail    TEXT    NOT NULL,                 -- of its last occurrence
    times     INTEGER NOT NULL CHECK (times > 0),
    first_ms  INTEGER NOT NULL,
    last_ms   INTEGER NOT NULL,
    closed_ms INTEGER,
    closed_by TEXT,
    remark    TEXT,
    CHECK ((closed_ms IS NULL) = (closed_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (name, subject) WHERE closed_ms IS NULL;
CREATE INDEX alarm_subject ON alarm (subject);

-- The journals of the terminals, by the numbers that they gave.
CREATE TABLE terminal_event (
    terminal TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,                  -- by the terminal's clock
    taken_ms INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    data     TEXT    NOT NULL,                  -- JSON
    PRIMARY KEY (terminal, number)
) STRICT, WITHOUT ROWID;
