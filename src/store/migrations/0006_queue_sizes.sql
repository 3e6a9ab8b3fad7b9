-- Waiting runs by what they ask for: among a million of them those that fit are found at once.

CREATE INDEX runs_waiting_size ON runs (cluster, owner, memory, COALESCE(gpu, 0), attempt_queued_at, run_id)
    WHERE phase = 'waiting';
