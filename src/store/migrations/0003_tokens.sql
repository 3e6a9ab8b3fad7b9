-- Who may use the API, and the keys that all servers of this database share.
-- Times are microseconds since 1970, UTC.

CREATE TABLE tokens (
    token_hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL;

CREATE TABLE server_keys (
    purpose TEXT PRIMARY KEY,
    secret_key TEXT NOT NULL
);
