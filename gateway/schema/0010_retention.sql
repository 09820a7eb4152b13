-- What was forgotten because its time was over (gateway/retention.py): one line for each kind and day.
CREATE TABLE forgotten (
    day       TEXT    NOT NULL,                 -- UTC, of the purge
    kind      TEXT    NOT NULL,
    before_ms INTEGER NOT NULL,                 -- nothing younger was touched
    rows      INTEGER NOT NULL CHECK (rows > 0),
    last_ms   INTEGER NOT NULL,
    PRIMARY KEY (day, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX terminal_event_taken ON terminal_event (taken_ms);
CREATE INDEX terminal_registry_taken ON terminal_registry (taken_ms);
CREATE INDEX daily_registry_old ON daily_registry (day);
