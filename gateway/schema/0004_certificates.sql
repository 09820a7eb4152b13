-- Which alarm was raised about which certificate: 60, 30, 7, 1 days before its end, 0 after it.
CREATE TABLE certificate_alarm (
    fingerprint TEXT    NOT NULL CHECK (length(fingerprint) = 64),
    days        INTEGER NOT NULL CHECK (days >= 0),
    raised_ms   INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, days)
) STRICT, WITHOUT ROWID;

-- One-time codes for terminals that have no certificate yet; of a code only a keyed digest is kept.
CREATE TABLE terminal_invite (
    invite_id    INTEGER PRIMARY KEY,
    terminal     TEXT    NOT NULL,
    digest       BLOB    NOT NULL,
    invited_ms   INTEGER NOT NULL,
    invited_by   TEXT    NOT NULL,
    until_ms     INTEGER NOT NULL,
    guesses_left INTEGER NOT NULL CHECK (guesses_left >= 0),
    used_ms      INTEGER
) STRICT;
CREATE INDEX terminal_invite_terminal ON terminal_invite (terminal);

-- Every certificate that this gateway gave to a terminal.
CREATE TABLE terminal_certificate (
    fingerprint TEXT    PRIMARY KEY CHECK (length(fingerprint) = 64),
    terminal    TEXT    NOT NULL,
    invite_id   INTEGER REFERENCES terminal_invite (invite_id),  -- NULL: a renewal
    issued_ms   INTEGER NOT NULL,
    ends_ms     INTEGER NOT NULL,
    revoked_ms  INTEGER
) STRICT;
CREATE INDEX terminal_certificate_terminal ON terminal_certificate (terminal);

-- A terminal that was shut out. Certificates of its name that are not in the table above are shut out with it.
CREATE TABLE terminal_revocation (
    terminal   TEXT    PRIMARY KEY,
    revoked_ms INTEGER NOT NULL,
    revoked_by TEXT    NOT NULL,
    reason     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
