-- serves: 13
-- When a message of an unfinished run of ECS is to be sent to the queue of its cluster, where runs wait in SQS; 0: at once.

ALTER TABLE runs ADD COLUMN message_due_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX runs_message_due ON runs (cluster, message_due_at, attempt_queued_at, run_id)
    WHERE engine = 'ecs' AND phase IN ('waiting', 'submitting');
