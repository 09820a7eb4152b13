-- Reconciliation with e-port's daily registries (gateway/reconciliation). Days are yyyy-mm-dd of the node's time zone.

-- The day whose registry of e-port must list the payment, written with the move to PAID: e-port's own, unless that
-- day was closed before (gateway/bills/business_day.py). Until now there was one time zone, and none with DST.
ALTER TABLE payment ADD COLUMN business_day TEXT;
UPDATE payment
   SET business_day = coalesce(substr(provider_finished_at, 1, 10), date(finished_ms / 1000 + 18000, 'unixepoch'))
 WHERE state = 'PAID';
CREATE INDEX payment_business_day ON payment (business_day, txn_id) WHERE business_day IS NOT NULL;
CREATE INDEX payment_undecided ON payment (txn_id) WHERE state IN ('PAYING', 'PENDING', 'UNRESOLVED');

-- What support finds a payment by, when a customer knows nothing but whose account it was.
CREATE TABLE payment_requisite (
    value      TEXT NOT NULL,
    payment_id TEXT NOT NULL REFERENCES payment (payment_id),
    PRIMARY KEY (value, payment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_requisite_payment ON payment_requisite (payment_id);
INSERT INTO payment_requisite (value, payment_id)
SELECT DISTINCT json_extract(pair.value, '$[1]'), p.payment_id
  FROM payment p JOIN account_check c ON c.check_id = p.check_id, json_each(c.requisites) pair;

-- e-port's daily registries. One that is not taken yet counts for nothing: it is being received, or was refused.
CREATE TABLE daily_registry (
    daily_id    INTEGER PRIMARY KEY,
    day         TEXT    NOT NULL,
    registry_id TEXT    NOT NULL,               -- this and what follows: '' and 0 until it was read
    sha256      TEXT    NOT NULL,
    length      INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    sum_minor   INTEGER NOT NULL,
    fee_minor   INTEGER NOT NULL,
    begun_ms    INTEGER NOT NULL,
    taken_ms    INTEGER,
    CHECK (taken_ms IS NULL OR length(sha256) = 64)
) STRICT;
CREATE UNIQUE INDEX daily_registry_day ON daily_registry (day) WHERE taken_ms IS NOT NULL;
CREATE UNIQUE INDEX daily_registry_id ON daily_registry (registry_id) WHERE taken_ms IS NOT NULL;

CREATE TABLE daily_piece (
    daily_id INTEGER NOT NULL REFERENCES daily_registry (daily_id),
    n        INTEGER NOT NULL,
    bytes    BLOB    NOT NULL,                  -- of the body, as they came
    PRIMARY KEY (daily_id, n)
) STRICT;

CREATE TABLE daily_line (
    daily_id    INTEGER NOT NULL REFERENCES daily_registry (daily_id),
    txn_id      TEXT    NOT NULL,
    number      INTEGER NOT NULL,               -- of the line, from 1
    eport_id    TEXT    NOT NULL,
    terminal    TEXT    NOT NULL,
    product     TEXT    NOT NULL,
    account     TEXT    NOT NULL,
    sum_minor   INTEGER NOT NULL,
    fee_minor   INTEGER NOT NULL,
    finished_at TEXT    NOT NULL,
    rrn         TEXT    NOT NULL,
    PRIMARY KEY (daily_id, txn_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX daily_line_txn_id ON daily_line (txn_id);

-- A day that was compared; a closed one never changes.
CREATE TABLE reconciled_day (
    day         TEXT    PRIMARY KEY,
    registry_id TEXT    NOT NULL,
    sha256      TEXT    NOT NULL,
    compared_ms INTEGER NOT NULL,
    runs        INTEGER NOT NULL,               -- comparisons of it, so far
    closed_ms   INTEGER,
    closed_by   TEXT,
    CHECK ((closed_ms IS NULL) = (closed_by IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE reconciled_total (
    day         TEXT    NOT NULL REFERENCES reconciled_day (day),
    provider    TEXT    NOT NULL,               -- '': of a product that no catalogue of ours has
    class       TEXT    NOT NULL,
    our_count   INTEGER NOT NULL,               -- of our payments that are PAID with this business day
    our_sum     INTEGER NOT NULL,
    our_fee     INTEGER NOT NULL,
    eport_count INTEGER NOT NULL,               -- of the registry's lines
    eport_sum   INTEGER NOT NULL,
    eport_fee   INTEGER NOT NULL,
    PRIMARY KEY (day, provider, class)
) STRICT, WITHOUT ROWID;

-- A difference that a person must decide about, or that later registries explained. The sums of the side that does
-- not know of it are NULL.
CREATE TABLE reconciliation_case (
    case_id     INTEGER PRIMARY KEY,
    day         TEXT    NOT NULL,
    class       TEXT    NOT NULL CHECK (class IN (
        'AMOUNT_DIFF', 'STATUS_DIFF', 'ONLY_BANK', 'ONLY_EPORT', 'DUPLICATE')),
    txn_id      TEXT    NOT NULL,
    payment_id  TEXT,
    provider    TEXT    NOT NULL,
    product     TEXT    NOT NULL,
    our_state   TEXT,
    our_sum     INTEGER,
    our_fee     INTEGER,
    eport_id    TEXT,
    eport_sum   INTEGER,
    eport_fee   INTEGER,
    detail      TEXT    NOT NULL,
    owner       TEXT,
    opened_ms   INTEGER NOT NULL,
    opened_run  INTEGER NOT NULL,               -- the comparison of the day that found it; 0: none did
    seen_run    INTEGER NOT NULL,               -- and the last one
    closed_ms   INTEGER,
    UNIQUE (txn_id, class, day)
) STRICT;
CREATE INDEX reconciliation_case_open ON reconciliation_case (case_id) WHERE closed_ms IS NULL;
CREATE INDEX reconciliation_case_day ON reconciliation_case (day);

-- Rows are added and never changed.
CREATE TABLE reconciliation_decision (
    case_id  INTEGER NOT NULL REFERENCES reconciliation_case (case_id),
    n        INTEGER NOT NULL CHECK (n > 0),
    decision TEXT    NOT NULL,
    person   TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (case_id, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER reconciliation_decision_stays BEFORE UPDATE ON reconciliation_decision
BEGIN SELECT raise(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER reconciliation_decision_is_kept BEFORE DELETE ON reconciliation_decision
BEGIN SELECT raise(ABORT, 'a decision is never taken back'); END;

-- What a decision adds to a day that was open then.
CREATE TABLE adjustment (
    number    INTEGER PRIMARY KEY,              -- as they were decided
    case_id   INTEGER NOT NULL UNIQUE REFERENCES reconciliation_case (case_id),
    day       TEXT    NOT NULL,
    provider  TEXT    NOT NULL,
    sum_minor INTEGER NOT NULL,
    fee_minor INTEGER NOT NULL,
    person    TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL
) STRICT;
CREATE INDEX adjustment_day ON adjustment (day);
CREATE TRIGGER adjustment_stays BEFORE UPDATE ON adjustment
BEGIN SELECT raise(ABORT, 'an adjustment is never changed'); END;
CREATE TRIGGER adjustment_is_kept BEFORE DELETE ON adjustment
BEGIN SELECT raise(ABORT, 'an adjustment is never taken back'); END;

-- A day that is closed is frozen.
CREATE TRIGGER reconciled_day_frozen BEFORE UPDATE ON reconciled_day WHEN OLD.closed_ms IS NOT NULL
BEGIN SELECT raise(ABORT, 'a closed day never changes'); END;
CREATE TRIGGER reconciled_total_frozen BEFORE DELETE ON reconciled_total
WHEN EXISTS (SELECT 1 FROM reconciled_day WHERE day = OLD.day AND closed_ms IS NOT NULL)
BEGIN SELECT raise(ABORT, 'a closed day never changes'); END;
CREATE TRIGGER reconciled_total_kept BEFORE UPDATE ON reconciled_total
BEGIN SELECT raise(ABORT, 'a total is never changed, only found anew'); END;
CREATE TRIGGER reconciled_total_closed BEFORE INSERT ON reconciled_total
WHEN EXISTS (SELECT 1 FROM reconciled_day WHERE day = NEW.day AND closed_ms IS NOT NULL)
BEGIN SELECT raise(ABORT, 'a closed day never changes'); END;
CREATE TRIGGER reconciled_day_kept BEFORE DELETE ON reconciled_day WHEN OLD.closed_ms IS NOT NULL
BEGIN SELECT raise(ABORT, 'a closed day never changes'); END;
