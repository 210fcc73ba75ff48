-- Whole stretches of feeds as immutable files beside the server, named by the hash of their bytes. Two feeds may share
-- a file; a stretch of a feed has one. Files can be cut again from the log, so this table may be emptied.

CREATE TABLE segment (
    feed       BIGINT  NOT NULL,
    -- That of the feed when the file was cut: another epoch has other sums, and no use for it.
    epoch      BIGINT  NOT NULL,
    last_seq   BIGINT  NOT NULL,
    first_seq  BIGINT  NOT NULL,
    before_sum BYTEA   NOT NULL,
    sum        BYTEA   NOT NULL,
    sha256     BYTEA   NOT NULL,
    bytes      BIGINT  NOT NULL,
    unfolded   BIGINT  NOT NULL,
    PRIMARY KEY (feed, epoch, last_seq)
);
CREATE INDEX segment_file ON segment (sha256);
