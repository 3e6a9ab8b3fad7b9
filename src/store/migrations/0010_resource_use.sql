-- What attempts used: MiB, 1/1000 cores, microseconds.

ALTER TABLE runs ADD COLUMN max_memory_used BIGINT;
ALTER TABLE runs ADD COLUMN max_cpu_used BIGINT;
ALTER TABLE runs ADD COLUMN cpu_microseconds BIGINT;
ALTER TABLE attempts ADD COLUMN max_memory_used BIGINT;
ALTER TABLE attempts ADD COLUMN max_cpu_used BIGINT;
ALTER TABLE attempts ADD COLUMN cpu_microseconds BIGINT;
