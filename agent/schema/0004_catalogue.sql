-- The last good copy of the gateway's catalogue (agent/catalogue_copy.py), as it came.
CREATE TABLE catalogue_copy (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    content  BLOB    NOT NULL,
    tag      TEXT    NOT NULL,
    taken_ms INTEGER NOT NULL
) STRICT;
