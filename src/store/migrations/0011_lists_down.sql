-- Lists in descending order of a field that few values have: runs that are equal by it come in one order, up and down.

CREATE INDEX runs_status_down ON runs (status DESC, queued_at DESC, run_id);
CREATE INDEX runs_cluster_down ON runs (cluster DESC, queued_at DESC, run_id);
