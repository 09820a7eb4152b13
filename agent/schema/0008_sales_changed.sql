-- When a sale last moved, so that one that has ended is forgotten when its time is over.
ALTER TABLE sale ADD COLUMN changed_ms INTEGER NOT NULL DEFAULT 0;
