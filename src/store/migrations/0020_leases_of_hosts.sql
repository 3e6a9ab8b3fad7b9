-- serves: 13
-- How long each host may be silent, by its own configuration, in microseconds. 0: a server of an earlier version does not
-- tell; it is judged by the configuration of who looks.

ALTER TABLE hosts ADD COLUMN lost_after BIGINT NOT NULL DEFAULT 0;
