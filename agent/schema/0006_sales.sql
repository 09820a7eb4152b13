-- One row for each sale of a merchant's POS. `record` is the sale as JSON. A sale_id begins with its time.
CREATE TABLE sale (
    sale_id     TEXT PRIMARY KEY,
    state       TEXT NOT NULL CHECK (state IN (
        'OPENING', 'SHOWING', 'BEING_PAID', 'CANCELLING', 'ENDED', 'SLIP_DONE', 'CLOSED')),
    slip_number TEXT UNIQUE,
    record      TEXT NOT NULL,
    CHECK ((slip_number IS NOT NULL) = (state IN ('ENDED', 'SLIP_DONE')))
) STRICT, WITHOUT ROWID;

-- What a start has to take up again.
CREATE INDEX sale_open ON sale (sale_id) WHERE state NOT IN ('SLIP_DONE', 'CLOSED');
