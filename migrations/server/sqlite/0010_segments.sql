-- Whole stretches of feeds as immutable files beside the server, named by the hash of their bytes. Two feeds may share
-- a file; a stretch of a feed has one. Files can be cut again from the log, so this table may be emptied.

CREATE TABLE segment (
    feed       INTEGER NOT NULL,
    -- That of the feed when the file was cut: another epoch has other sums, and no use for it.
    epoch      INTEGER NOT NULL,
    last_seq   INTEGER NOT NULL,
    first_seq  INTEGER NOT NULL,
    before_sum BLOB    NOT NULL,
    sum        BLOB    NOT NULL,
    sha256     BLOB    NOT NULL,
    bytes      INTEGER NOT NULL,
    unfolded   INTEGER NOT NULL,
    PRIMARY KEY (feed, epoch, last_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_file ON segment (sha256);
