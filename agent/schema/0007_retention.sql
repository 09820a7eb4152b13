-- What was forgotten because its time was over: as in the gateway's store, for the same code.
CREATE TABLE forgotten (
    day       TEXT    NOT NULL,                 -- UTC, of the purge
    kind      TEXT    NOT NULL,
    before_ms INTEGER NOT NULL,                 -- nothing younger was touched
    rows      INTEGER NOT NULL CHECK (rows > 0),
    last_ms   INTEGER NOT NULL,
    PRIMARY KEY (day, kind)
) STRICT, WITHOUT ROWID;
