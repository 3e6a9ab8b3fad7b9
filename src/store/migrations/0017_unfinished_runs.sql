-- serves: 13
-- Runs that wait to be tried again, and unfinished ones by their status, are found and counted in an index alone, even where
-- there are millions. The columns that the condition names stand in it, too: else SQLite looks for another index.

DROP INDEX runs_retry;
CREATE INDEX runs_retry ON runs (status, phase, retry_at, cluster, engine) WHERE status = 'NEEDS_RETRY' AND phase = 'ended';
CREATE INDEX runs_unfinished ON runs (status, cluster) WHERE status IN ('QUEUED', 'PENDING', 'RUNNING', 'NEEDS_RETRY');
