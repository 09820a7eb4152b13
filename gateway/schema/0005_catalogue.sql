-- Published catalogues (gateway/publishing). Rows are added and never changed.

CREATE TABLE catalogue_version (
    number       INTEGER PRIMARY KEY,
    version      TEXT    NOT NULL,              -- of its source: the beginning of the SHA-256
    published_ms INTEGER NOT NULL UNIQUE,
    effective_ms INTEGER NOT NULL CHECK (effective_ms >= published_ms),
    document     TEXT    NOT NULL,              -- JSON: the members that are signed
    source       TEXT    NOT NULL,              -- TOML, as its editor wrote it
    signature    TEXT,                          -- JSON {key, value}
    copy_of      INTEGER REFERENCES catalogue_version (number),
    person       TEXT    NOT NULL,
    reason       TEXT    NOT NULL
) STRICT;
CREATE INDEX catalogue_version_effective ON catalogue_version (effective_ms);

-- Every turn of a provider's switch; the last one counts.
CREATE TABLE provider_switch (
    provider TEXT    NOT NULL,
    n        INTEGER NOT NULL CHECK (n > 0),
    off      INTEGER NOT NULL CHECK (off IN (0, 1)),
    at_ms    INTEGER NOT NULL,
    person   TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    PRIMARY KEY (provider, n)
) STRICT, WITHOUT ROWID;
