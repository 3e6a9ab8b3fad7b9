-- The original's history has runs whose definition it never noted. SQLite never held any.

--- postgres
ALTER TABLE runs ALTER COLUMN definition_id DROP NOT NULL;
