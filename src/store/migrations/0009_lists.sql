-- Lists of millions of runs: for each order one index to walk, and for the common filters one in the order that lists have
-- when nothing is said.

DROP INDEX runs_definition;
DROP INDEX runs_status;
CREATE INDEX runs_definition ON runs (definition_id, queued_at DESC, run_id);
CREATE INDEX runs_status ON runs (status, queued_at DESC, run_id);
CREATE INDEX runs_cluster ON runs (cluster, queued_at DESC, run_id);
CREATE INDEX runs_definition_group ON runs (definition_id, group_name, queued_at DESC, run_id);
CREATE INDEX runs_status_group ON runs (status, group_name, queued_at DESC, run_id);
CREATE INDEX runs_cluster_group ON runs (cluster, group_name, queued_at DESC, run_id);
CREATE INDEX runs_owner_group ON runs (owner, group_name, queued_at DESC, run_id);
CREATE INDEX runs_group_name_down ON runs (group_name DESC, queued_at DESC, run_id);
CREATE INDEX runs_started_at ON runs (started_at, queued_at DESC, run_id) WHERE started_at IS NOT NULL;
CREATE INDEX runs_finished_at ON runs (shown_finished_at, queued_at DESC, run_id) WHERE shown_finished_at IS NOT NULL;
