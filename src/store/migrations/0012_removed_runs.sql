-- Runs that were removed from the history, for each host that has logs of them: it removes these and then the row.

CREATE TABLE logs_to_remove (
    host TEXT NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (host, run_id)
);
