-- How long runs may wait and run, how often a definition's own failures are tried again, and keys that make one run of
-- several equal calls.

ALTER TABLE definitions ADD COLUMN timeout_seconds BIGINT;
ALTER TABLE definitions ADD COLUMN queue_timeout_seconds BIGINT;
ALTER TABLE definitions ADD COLUMN retry TEXT;

ALTER TABLE runs ADD COLUMN timeout_seconds BIGINT;
ALTER TABLE runs ADD COLUMN queue_timeout_seconds BIGINT;
ALTER TABLE runs ADD COLUMN retry TEXT;
ALTER TABLE runs ADD COLUMN idempotence_key TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN timed_out_at BIGINT;
-- When its current attempt will have waited or run for longer than it may.
ALTER TABLE runs ADD COLUMN deadline BIGINT;
CREATE INDEX runs_deadline ON runs (deadline) WHERE deadline IS NOT NULL;

ALTER TABLE attempts ADD COLUMN timed_out_at BIGINT;

-- The last run of each key; the key may be used anew some days after `used_at`.
CREATE TABLE idempotence_keys (
    definition_id TEXT NOT NULL REFERENCES definitions (definition_id) ON DELETE CASCADE,
    idempotence_key TEXT NOT NULL,
    run_id TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (definition_id, idempotence_key)
);
