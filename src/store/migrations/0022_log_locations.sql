-- serves: 13
-- Where what an attempt of the run writes is kept, where its engine keeps it. Empty: where the configuration says.

ALTER TABLE runs ADD COLUMN log_location TEXT NOT NULL DEFAULT '';
