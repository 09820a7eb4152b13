-- The monthly acts that the bank has signed (gateway/act). What is not signed is made anew whenever somebody asks.
CREATE TABLE act (
    month     TEXT    PRIMARY KEY,              -- yyyy-mm
    document  BLOB    NOT NULL,                 -- canonical JSON: these bytes are what is signed
    key       TEXT    NOT NULL,                 -- which key, by its beginning
    signature TEXT    NOT NULL,                 -- base64
    signed_ms INTEGER NOT NULL,
    signed_by TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER act_stays BEFORE UPDATE ON act
BEGIN SELECT raise(ABORT, 'a signed act never changes'); END;
CREATE TRIGGER act_is_kept BEFORE DELETE ON act
BEGIN SELECT raise(ABORT, 'a signed act is never taken back'); END;
