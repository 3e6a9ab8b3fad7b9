-- Which runs have a variable: `pair` is NAME|VALUE, of which the first 200 characters count. The database keeps it by itself,
-- so that servers of the version before fill it, too. Its columns are not named as those of runs, with which it is joined.

--- sqlite
CREATE TABLE run_env (
    pair TEXT NOT NULL,
    env_group TEXT NOT NULL,
    env_queued_at BIGINT NOT NULL,
    env_run_id TEXT NOT NULL,
    PRIMARY KEY (pair, env_group, env_queued_at DESC, env_run_id)
) WITHOUT ROWID;
INSERT OR IGNORE INTO run_env
    SELECT substr(json_extract(variable.value, '$.name') || '|' || json_extract(variable.value, '$.value'), 1, 200),
        group_name, queued_at, run_id
    FROM runs, json_each(runs.env) AS variable;
CREATE TRIGGER run_env_of_new AFTER INSERT ON runs BEGIN
    INSERT OR IGNORE INTO run_env
        SELECT substr(json_extract(variable.value, '$.name') || '|' || json_extract(variable.value, '$.value'), 1, 200),
            NEW.group_name, NEW.queued_at, NEW.run_id
        FROM json_each(NEW.env) AS variable; END;
CREATE TRIGGER run_env_of_moved AFTER UPDATE OF queued_at ON runs BEGIN
    UPDATE run_env SET env_queued_at = NEW.queued_at
        WHERE pair IN (SELECT substr(json_extract(variable.value, '$.name') || '|' || json_extract(variable.value, '$.value'),
            1, 200) FROM json_each(OLD.env) AS variable)
        AND env_group = OLD.group_name AND env_queued_at = OLD.queued_at AND env_run_id = OLD.run_id; END;
CREATE TRIGGER run_env_of_removed AFTER DELETE ON runs BEGIN
    DELETE FROM run_env
        WHERE pair IN (SELECT substr(json_extract(variable.value, '$.name') || '|' || json_extract(variable.value, '$.value'),
            1, 200) FROM json_each(OLD.env) AS variable)
        AND env_group = OLD.group_name AND env_queued_at = OLD.queued_at AND env_run_id = OLD.run_id; END;

--- postgres
CREATE TABLE run_env (
    pair TEXT NOT NULL,
    env_group TEXT NOT NULL,
    env_queued_at BIGINT NOT NULL,
    env_run_id TEXT NOT NULL
);
CREATE FUNCTION env_pairs(env text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT left((variable ->> 'name') || '|' || (variable ->> 'value'), 200)
    FROM jsonb_array_elements(env::jsonb) AS variable
$$;
CREATE FUNCTION keep_run_env() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM run_env WHERE pair IN (SELECT env_pairs(OLD.env)) AND env_group = OLD.group_name
            AND env_queued_at = OLD.queued_at AND env_run_id = OLD.run_id; END IF; IF TG_OP <> 'DELETE' THEN
        INSERT INTO run_env SELECT env_pairs(NEW.env), NEW.group_name, NEW.queued_at, NEW.run_id; END IF; RETURN NULL; END
$$;
CREATE TRIGGER run_env_kept AFTER INSERT OR DELETE OR UPDATE OF queued_at ON runs FOR EACH ROW
    EXECUTE FUNCTION keep_run_env();
-- After the trigger, which waits for those who write: what they wrote is there now, what comes is kept.
INSERT INTO run_env SELECT env_pairs(env), group_name, queued_at, run_id FROM runs;
CREATE INDEX run_env_pair ON run_env (pair, env_group, env_queued_at DESC, env_run_id);
