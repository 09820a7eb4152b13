-- The spool's own tables. Times end in _ms. created_ms, changed_ms and at_ms are UTC for people to read;
-- due_ms, expires_ms and purge_ms are in the store's own clock, which no clock jump moves (spool/clock.py).

CREATE TABLE store (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    created_ms  INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,           -- counts the lives of the owning process
    clock_ms    INTEGER NOT NULL,           -- the store's clock when it was last written down…
    wall_ms     INTEGER NOT NULL,           -- …and what the wall said then
    key_check   BLOB    NOT NULL,           -- recognises the key file that belongs to this store
    copied_ms   INTEGER,                    -- only in a copy: when it was taken
    restored_ms INTEGER                     -- the copy from which this store was restored was taken then
) STRICT;

CREATE TABLE entry (
    id           INTEGER PRIMARY KEY,
    kind         TEXT    NOT NULL,
    destination  TEXT    NOT NULL,
    lane         TEXT    NOT NULL,
    key          TEXT    NOT NULL UNIQUE,
    state        TEXT    NOT NULL CHECK (state IN ('ready', 'claimed', 'to_person', 'delivered', 'closed')),
    due_ms       INTEGER NOT NULL,
    expires_ms   INTEGER,
    attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),   -- that ended
    faults       INTEGER NOT NULL DEFAULT 0 CHECK (faults >= 0),     -- of ours, in a row
    moves        INTEGER NOT NULL DEFAULT 0 CHECK (moves >= 0),      -- lines of history
    epoch        INTEGER NOT NULL,                                   -- the life that enqueued it
    lease        INTEGER,                                            -- fencing token of the attempt in flight
    claimed_ms   INTEGER,
    created_ms   INTEGER NOT NULL,
    changed_ms   INTEGER NOT NULL,
    purge_ms     INTEGER,                                            -- when upkeep looks at it; NULL while open
    payload_length INTEGER NOT NULL CHECK (payload_length >= 0),
    payload_sha256 BLOB  NOT NULL,
    note         TEXT    NOT NULL DEFAULT '',
    CHECK (state <> 'claimed' OR lease IS NOT NULL),
    CHECK (state IN ('claimed', 'closed') OR lease IS NULL),
    CHECK ((purge_ms IS NULL) = (state IN ('ready', 'claimed', 'to_person')))
) STRICT;

-- One small index for each open state. The lane stands first because it differs most: a seek that must
-- compare equal texts before it finds a difference costs several times as much.
CREATE INDEX entry_ready ON entry (lane, destination, due_ms, id) WHERE state = 'ready';
CREATE INDEX entry_claimed ON entry (destination, id) WHERE state = 'claimed';
CREATE INDEX entry_to_person ON entry (destination, id) WHERE state = 'to_person';
CREATE INDEX entry_expiring ON entry (kind, expires_ms) WHERE state = 'ready' AND expires_ms IS NOT NULL;
CREATE INDEX entry_purge ON entry (purge_ms) WHERE purge_ms IS NOT NULL;

-- Bodies stand apart: a claim or an acknowledgement rewrites a short row, and keys outlive bodies.
CREATE TABLE body (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id),
    payload  BLOB    NOT NULL
) STRICT;

-- One line for each ended attempt and each decision. A claim has none: its end, or its return, tells of it.
CREATE TABLE history (
    entry_id   INTEGER NOT NULL REFERENCES entry (id),
    n          INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    state      TEXT    NOT NULL,            -- after it
    claimed_ms INTEGER,                     -- when the attempt began, for one that ended here
    person     TEXT,
    note       TEXT    NOT NULL,
    PRIMARY KEY (entry_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE destination (
    name            TEXT    PRIMARY KEY,
    breaker         TEXT    NOT NULL CHECK (breaker IN ('closed', 'open', 'half_open')),
    unanswered      INTEGER NOT NULL,       -- in a row
    probes          INTEGER NOT NULL,       -- in a row, without an answer
    probe_ms        INTEGER NOT NULL,       -- store clock: when the next probe may go
    last_answer_ms  INTEGER                 -- UTC
) STRICT;

CREATE TABLE sequence (
    name TEXT    PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

CREATE TABLE answer (
    scope    TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    digest   BLOB    NOT NULL,              -- HMAC of the request; the request itself is never stored
    status   INTEGER NOT NULL,
    body     BLOB    NOT NULL,
    at_ms    INTEGER NOT NULL,
    purge_ms INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;
CREATE INDEX answer_purge ON answer (purge_ms);
