-- Definitions, runs with their attempts, and whose turn it is.
-- Times are microseconds since 1970, UTC. Lists and variables are JSON.

CREATE TABLE definitions (
    definition_id TEXT PRIMARY KEY,
    arn TEXT NOT NULL,
    alias TEXT NOT NULL,
    group_name TEXT NOT NULL,
    image TEXT NOT NULL,
    memory BIGINT NOT NULL,
    command TEXT NOT NULL,
    env TEXT NOT NULL,
    ports TEXT NOT NULL,
    container_user TEXT NOT NULL
);
CREATE UNIQUE INDEX definitions_alias ON definitions (alias);
CREATE INDEX definitions_group_name ON definitions (group_name, alias, definition_id);

CREATE TABLE definition_tags (
    definition_id TEXT NOT NULL REFERENCES definitions (definition_id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (definition_id, position)
);
CREATE INDEX definition_tags_tag ON definition_tags (tag);

-- A run carries its own copy of what it runs, and its current attempt.
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    definition_id TEXT NOT NULL REFERENCES definitions (definition_id) ON DELETE CASCADE,
    alias TEXT NOT NULL,
    group_name TEXT NOT NULL,
    cluster TEXT NOT NULL,
    engine TEXT NOT NULL,
    owner TEXT NOT NULL,
    image TEXT NOT NULL,
    command TEXT NOT NULL,
    memory BIGINT NOT NULL,
    cpu BIGINT,
    definition_env TEXT NOT NULL,
    ports TEXT NOT NULL,
    container_user TEXT NOT NULL,
    env TEXT NOT NULL,
    queued_at BIGINT NOT NULL,

    status TEXT NOT NULL,
    retry_at BIGINT,
    stop_requested_at BIGINT,
    stopped_by TEXT NOT NULL,
    shown_exit_code BIGINT,     -- exit_code, once the run is STOPPED
    shown_finished_at BIGINT,   -- finished_at, once the run is STOPPED

    attempt_number BIGINT NOT NULL,
    phase TEXT NOT NULL,
    handle TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    instance_dns_name TEXT NOT NULL,
    attempt_queued_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    exit_code BIGINT,
    exit_class TEXT,
    exit_reason TEXT NOT NULL,

    passed_since BIGINT         -- when a later run first took room that this one waits for
);
CREATE INDEX runs_definition ON runs (definition_id, queued_at);
CREATE INDEX runs_group_name ON runs (group_name, queued_at DESC, run_id);
CREATE INDEX runs_status ON runs (status, queued_at);
CREATE INDEX runs_waiting ON runs (cluster, owner, attempt_queued_at, run_id) WHERE phase = 'waiting';
CREATE INDEX runs_live ON runs (cluster) WHERE phase IN ('submitting', 'pending', 'running');
CREATE INDEX runs_retry ON runs (retry_at) WHERE status = 'NEEDS_RETRY' AND phase = 'ended';

-- Earlier attempts of runs that were tried again.
CREATE TABLE attempts (
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    attempt_number BIGINT NOT NULL,
    handle TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    instance_dns_name TEXT NOT NULL,
    attempt_queued_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    exit_code BIGINT,
    exit_class TEXT,
    exit_reason TEXT NOT NULL,
    PRIMARY KEY (run_id, attempt_number)
);

-- Owners take turns: the lower the turn, the longer ago the owner had one.
CREATE TABLE owner_turns (
    cluster TEXT NOT NULL,
    owner TEXT NOT NULL,
    turn BIGINT NOT NULL,
    PRIMARY KEY (cluster, owner)
);
