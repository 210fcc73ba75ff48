-- Bundles that were taken from sticks: the same one again changes nothing, and is told as such.
CREATE TABLE stick_taken (
    bundle   BLOB PRIMARY KEY,
    taken_at INTEGER NOT NULL,
    -- 1 when every frame of it was there.
    is_whole INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
