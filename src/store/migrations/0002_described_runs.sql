-- What definitions and runs say of themselves besides: who made them, descriptions, labels, names of secrets, and
-- the digest that a run's image had when the run was made.

ALTER TABLE definitions ADD COLUMN cpu BIGINT;
ALTER TABLE definitions ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]';
ALTER TABLE definitions ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE definitions ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
ALTER TABLE definitions ADD COLUMN created_at BIGINT;
ALTER TABLE definitions ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE definitions ADD COLUMN updated_at BIGINT;
ALTER TABLE definitions ADD COLUMN updated_by TEXT NOT NULL DEFAULT '';

ALTER TABLE runs ADD COLUMN image_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runs ADD COLUMN executed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
ALTER TABLE runs ADD COLUMN submitted_at BIGINT;
CREATE INDEX runs_queued_at ON runs (queued_at, run_id);

ALTER TABLE attempts ADD COLUMN submitted_at BIGINT;
