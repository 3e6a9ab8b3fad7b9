-- serves: 13
-- Runs of an owner, with an alias, or that did not complete, newest first. What such lists are asked for besides stands in
-- the index, too, so that they are counted in it alone; most runs complete, so that few are in the last one.

CREATE INDEX runs_alias ON runs (alias, queued_at DESC, run_id, status);
CREATE INDEX runs_owner ON runs (owner, queued_at DESC, run_id, status);
CREATE INDEX runs_not_completed ON runs (exit_class, queued_at DESC, run_id, status, owner, alias) WHERE exit_class <> 'completed';
