-- serves: 13
-- Of what the engine's object for a definition was made. Empty: not known, so that it is made anew with the next run.

ALTER TABLE definitions ADD COLUMN arn_digest TEXT NOT NULL DEFAULT '';
