-- serves: 13
-- What runs want of an engine that keeps objects for definitions, and such objects that no definition has any more.

ALTER TABLE runs ADD COLUMN definition_arn TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN engine_request TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_definition_arn ON runs (definition_arn) WHERE definition_arn <> '';

CREATE TABLE retired_definitions (arn TEXT PRIMARY KEY);
