-- How many GPUs a definition asks for, and each of its runs.

ALTER TABLE definitions ADD COLUMN gpu BIGINT;
ALTER TABLE runs ADD COLUMN gpu BIGINT;
