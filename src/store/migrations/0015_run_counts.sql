-- serves: 13
-- How many runs each group, owner, cluster and definition has, so that totals need no counting. The database keeps it by
-- itself, so that servers of the version before do, too. First the triggers, then what is there already: PostgreSQL's wait
-- for those who write.

--- sqlite
CREATE TABLE run_counts (
    field TEXT NOT NULL,        -- a column of runs
    value TEXT NOT NULL,
    runs BIGINT NOT NULL,
    PRIMARY KEY (field, value)
) WITHOUT ROWID;
CREATE TRIGGER run_counts_of_new AFTER INSERT ON runs BEGIN
    INSERT INTO run_counts (field, value, runs)
        VALUES ('group_name', NEW.group_name, 1), ('owner', NEW.owner, 1), ('cluster', NEW.cluster, 1),
            ('definition_id', NEW.definition_id, 1)
        ON CONFLICT (field, value) DO UPDATE SET runs = runs + 1; END;
CREATE TRIGGER run_counts_of_removed AFTER DELETE ON runs BEGIN
    UPDATE run_counts SET runs = runs - 1
        WHERE (field, value) IN (VALUES ('group_name', OLD.group_name), ('owner', OLD.owner), ('cluster', OLD.cluster),
            ('definition_id', OLD.definition_id)); DELETE FROM run_counts
        WHERE (field, value) IN (VALUES ('group_name', OLD.group_name), ('owner', OLD.owner), ('cluster', OLD.cluster),
            ('definition_id', OLD.definition_id)) AND runs = 0; END;
INSERT INTO run_counts SELECT 'group_name', group_name, COUNT(*) FROM runs GROUP BY group_name;
INSERT INTO run_counts SELECT 'owner', owner, COUNT(*) FROM runs GROUP BY owner;
INSERT INTO run_counts SELECT 'cluster', cluster, COUNT(*) FROM runs GROUP BY cluster;
INSERT INTO run_counts SELECT 'definition_id', definition_id, COUNT(*) FROM runs GROUP BY definition_id;

--- postgres
-- What a value has is the sum of its rows: whoever changes runs adds a row and waits for nobody. One time in 16 the rows of
-- those values that nobody else has are made one. Runs of the original Flotilla may be of no definition.
CREATE TABLE run_counts (
    field TEXT NOT NULL,        -- a column of runs
    value TEXT NOT NULL,
    runs BIGINT NOT NULL
);
CREATE INDEX run_counts_value ON run_counts (field, value) INCLUDE (runs);
CREATE FUNCTION keep_run_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run_counts SELECT of_run.field, of_run.value, CASE TG_OP WHEN 'INSERT' THEN COUNT(*) ELSE -COUNT(*) END
        FROM changed, LATERAL (VALUES ('group_name', group_name), ('owner', owner), ('cluster', cluster),
            ('definition_id', definition_id)) AS of_run (field, value)
        WHERE of_run.value IS NOT NULL
        GROUP BY of_run.field, of_run.value; IF random() < 1.0 / 16 THEN
        WITH gone AS (DELETE FROM run_counts WHERE ctid = ANY (ARRAY(
                SELECT run_counts.ctid FROM run_counts WHERE (field, value) IN (SELECT of_run.field, of_run.value
                    FROM changed, LATERAL (VALUES ('group_name', group_name), ('owner', owner), ('cluster', cluster),
                        ('definition_id', definition_id)) AS of_run (field, value))
                FOR UPDATE SKIP LOCKED))
            RETURNING field, value, runs)
        INSERT INTO run_counts SELECT field, value, SUM(runs) FROM gone GROUP BY field, value
            HAVING SUM(runs) <> 0; END IF; RETURN NULL; END
$$;
CREATE TRIGGER run_counts_of_new AFTER INSERT ON runs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION keep_run_counts();
CREATE TRIGGER run_counts_of_removed AFTER DELETE ON runs REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION keep_run_counts();
INSERT INTO run_counts SELECT 'group_name', group_name, COUNT(*) FROM runs GROUP BY group_name;
INSERT INTO run_counts SELECT 'owner', owner, COUNT(*) FROM runs GROUP BY owner;
INSERT INTO run_counts SELECT 'cluster', cluster, COUNT(*) FROM runs GROUP BY cluster;
INSERT INTO run_counts SELECT 'definition_id', definition_id, COUNT(*) FROM runs WHERE definition_id IS NOT NULL GROUP BY definition_id;
