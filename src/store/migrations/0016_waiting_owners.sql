-- serves: 13
-- Which owners have waiting runs, in the order of their turns, so that a claim looks at the first few of them alone. The
-- database enters an owner when a run of theirs begins to wait; whoever claims removes those that have none left.

-- The least that they ask for; how many there are, by cluster, in this index alone.
CREATE INDEX runs_waiting_memory ON runs (phase, cluster, memory, attempt_queued_at, engine) WHERE phase = 'waiting';

--- sqlite
CREATE TABLE waiting_owners (
    entry INTEGER PRIMARY KEY,
    cluster TEXT NOT NULL,
    owner TEXT NOT NULL,
    turn BIGINT NOT NULL        -- as in owner_turns; 0: had none yet
);
CREATE UNIQUE INDEX waiting_owners_owner ON waiting_owners (cluster, owner);
CREATE TRIGGER waiting_owners_of_new AFTER INSERT ON runs WHEN NEW.phase = 'waiting' BEGIN
    INSERT OR IGNORE INTO waiting_owners (cluster, owner, turn) VALUES (NEW.cluster, NEW.owner,
        COALESCE((SELECT turn FROM owner_turns WHERE cluster = NEW.cluster AND owner = NEW.owner), 0)); END;
CREATE TRIGGER waiting_owners_of_requeued AFTER UPDATE OF phase ON runs WHEN NEW.phase = 'waiting' AND OLD.phase <> 'waiting' BEGIN
    INSERT OR IGNORE INTO waiting_owners (cluster, owner, turn) VALUES (NEW.cluster, NEW.owner,
        COALESCE((SELECT turn FROM owner_turns WHERE cluster = NEW.cluster AND owner = NEW.owner), 0)); END;
CREATE TRIGGER waiting_owners_of_first_turns AFTER INSERT ON owner_turns BEGIN
    UPDATE waiting_owners SET turn = NEW.turn WHERE cluster = NEW.cluster AND owner = NEW.owner; END;
CREATE TRIGGER waiting_owners_of_turns AFTER UPDATE ON owner_turns BEGIN
    UPDATE waiting_owners SET turn = NEW.turn WHERE cluster = NEW.cluster AND owner = NEW.owner; END;

--- postgres
-- An owner may be there twice: whoever enters one waits for nobody. A row that is there is kept from being removed until
-- the run waits for all to see; where it is just being removed, another is entered.
CREATE TABLE waiting_owners (
    entry BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cluster TEXT NOT NULL,
    owner TEXT NOT NULL,
    turn BIGINT NOT NULL        -- as in owner_turns; 0: had none yet
);
CREATE INDEX waiting_owners_owner ON waiting_owners (cluster, owner);
CREATE FUNCTION enter_waiting_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM waiting_owners WHERE cluster = NEW.cluster AND owner = NEW.owner
        LIMIT 1 FOR KEY SHARE SKIP LOCKED; IF NOT FOUND THEN
        INSERT INTO waiting_owners (cluster, owner, turn) VALUES (NEW.cluster, NEW.owner,
            COALESCE((SELECT turn FROM owner_turns WHERE cluster = NEW.cluster AND owner = NEW.owner), 0)); END IF; RETURN NULL; END
$$;
CREATE TRIGGER waiting_owners_of_new AFTER INSERT ON runs FOR EACH ROW WHEN (NEW.phase = 'waiting')
    EXECUTE FUNCTION enter_waiting_owner();
CREATE TRIGGER waiting_owners_of_requeued AFTER UPDATE OF phase ON runs FOR EACH ROW
    WHEN (NEW.phase = 'waiting' AND OLD.phase <> 'waiting') EXECUTE FUNCTION enter_waiting_owner();
CREATE FUNCTION turn_waiting_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE waiting_owners SET turn = NEW.turn WHERE cluster = NEW.cluster AND owner = NEW.owner; RETURN NULL; END
$$;
CREATE TRIGGER waiting_owners_of_turns AFTER INSERT OR UPDATE ON owner_turns FOR EACH ROW
    EXECUTE FUNCTION turn_waiting_owner();

--- both
CREATE INDEX waiting_owners_turn ON waiting_owners (cluster, turn, owner);
INSERT INTO waiting_owners (cluster, owner, turn)
    SELECT waiting.cluster, waiting.owner, COALESCE(owner_turns.turn, 0)
    FROM (SELECT DISTINCT cluster, owner FROM runs WHERE phase = 'waiting') AS waiting
    LEFT JOIN owner_turns ON owner_turns.cluster = waiting.cluster AND owner_turns.owner = waiting.owner;
