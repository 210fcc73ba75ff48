-- Bundles that were taken from sticks: the same one again changes nothing, and is told as such.
CREATE TABLE stick_taken (
    bundle   BYTEA PRIMARY KEY,
    taken_at BIGINT NOT NULL,
    -- 1 when every frame of it was there.
    is_whole SMALLINT NOT NULL
);
