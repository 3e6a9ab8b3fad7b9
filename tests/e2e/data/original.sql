-- A database of the original Flotilla (2018), with every oddity that is known of its rows.
CREATE TABLE task_def (
    definition_id varchar PRIMARY KEY, alias varchar, image varchar NOT NULL, group_name varchar NOT NULL, memory integer,
    command text, env jsonb, "user" varchar, arn varchar, container_name varchar NOT NULL, task_type varchar,
    CONSTRAINT task_def_alias UNIQUE (alias));
CREATE INDEX ix_task_def_alias ON task_def (alias);
CREATE INDEX ix_task_def_group_name ON task_def (group_name);
CREATE INDEX ix_task_def_image ON task_def (image);
CREATE INDEX ix_task_def_env ON task_def USING gin (env jsonb_path_ops);
CREATE TABLE task_def_ports (
    task_def_id varchar NOT NULL REFERENCES task_def (definition_id), port integer NOT NULL, PRIMARY KEY (task_def_id, port));
CREATE TABLE tags (text varchar PRIMARY KEY);
CREATE TABLE task_def_tags (tag_id varchar REFERENCES tags (text), task_def_id varchar REFERENCES task_def (definition_id));
CREATE TABLE task (
    run_id varchar PRIMARY KEY, definition_id varchar REFERENCES task_def (definition_id), alias varchar, image varchar,
    cluster_name varchar, exit_code integer, status varchar, started_at timestamptz, finished_at timestamptz,
    instance_id varchar, instance_dns_name varchar, group_name varchar, env jsonb, task_arn varchar, docker_id varchar,
    "user" varchar, task_type varchar);
CREATE INDEX ix_task_definition_id ON task (definition_id);
CREATE INDEX ix_task_cluster_name ON task (cluster_name);
CREATE INDEX ix_task_status ON task (status);
CREATE INDEX ix_task_group_name ON task (group_name);
CREATE INDEX ix_task_task_arn ON task (task_arn);
CREATE INDEX ix_task_env ON task USING gin (env jsonb_path_ops);
CREATE SEQUENCE task_status_id;
CREATE TABLE task_status (
    status_id integer PRIMARY KEY DEFAULT nextval('task_status_id'), task_arn varchar, status_version integer, status varchar,
    "timestamp" timestamptz DEFAULT now());

INSERT INTO task_def VALUES
    ('etl-3f0e', 'nightly', 'repo/etl:1', 'etl', 512, 'echo $A; echo ''é''',
     '[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}, {"name": "EMPTY"}, {"name": "NULL", "value": null}]',
     NULL, 'arn:aws:ecs:us-east-1:1:task-definition/etl-3f0e:4', 'etl-3f0e', 'default'),
    ('nameless', NULL, 'repo/x', 'odd\group', NULL, NULL, NULL, NULL, NULL, 'nameless', NULL),
    ('taken', 'nameless', 'repo/y', 'etl', 64, '', '[]', NULL, '', 'taken', NULL);
INSERT INTO task_def_ports VALUES ('etl-3f0e', 443), ('etl-3f0e', 80);
INSERT INTO tags VALUES (''), ('daily'), ('etl');
INSERT INTO task_def_tags VALUES ('etl', 'etl-3f0e'), ('daily', 'etl-3f0e'), ('etl', 'etl-3f0e'), ('', 'nameless'), ('etl', NULL);

INSERT INTO task VALUES
    ('done', 'etl-3f0e', 'nightly', 'repo/etl:1', 'prod', 0, 'STOPPED', '2018-05-01 10:00:00.123456+02',
     '2018-05-01 09:00:00+00', 'i-1', 'host-1', 'etl',
     '[{"name": "FLOTILLA_RUN_ID", "value": "done"}, {"name": "FLOTILLA_RUN_OWNER_ID", "value": "ada"}]',
     'arn:aws:ecs:us-east-1:1:task/1', 'abc', NULL, 'default'),
    ('failed', 'etl-3f0e', NULL, NULL, 'prod', 3, 'STOPPED', NULL, '2018-05-02 09:00:00+00', '', '', NULL, NULL, NULL, NULL, NULL, NULL),
    ('bare', NULL, NULL, NULL, NULL, NULL, 'QUEUED', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('running-for-ever', 'etl-3f0e', 'nightly', 'repo/etl:1', 'prod', NULL, 'RUNNING', '2018-06-01 00:00:00+00', NULL,
     'i-2', 'host-2', 'etl', 'null', 'arn:aws:ecs:us-east-1:1:task/2', NULL, NULL, NULL),
    ('odd', 'taken', 'nameless', 'repo/y', 'prod', NULL, NULL, NULL, NULL, NULL, NULL, 'etl', '{"not": "a list"}', '', NULL, NULL, NULL);
