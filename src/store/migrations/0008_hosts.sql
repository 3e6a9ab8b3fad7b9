-- Several servers on one database: which host has an attempt, and when each was last heard of.
-- Times are microseconds since 1970, UTC, by the database's clock.

CREATE TABLE hosts (
    host_id TEXT PRIMARY KEY,
    address TEXT NOT NULL,      -- how the other servers reach it
    incarnation TEXT NOT NULL,  -- the server process that speaks for it
    seen_at BIGINT NOT NULL,
    lost_at BIGINT              -- when it was given up; NULL: it was not
);

ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN host TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_live_host ON runs (host, cluster) WHERE phase IN ('submitting', 'pending', 'running');
