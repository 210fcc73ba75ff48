-- What was received, as it came. Rows of `entry` and `seal` are never changed and never deleted.

-- Small facts about the database itself: `feed_epoch`, `projected_to`, `rules` …
CREATE TABLE meta (
    key   TEXT COLLATE "C" PRIMARY KEY,
    value BYTEA NOT NULL
);

-- A log is (device, epoch): held without a hole from 1 to durable_to.
CREATE TABLE log (
    device       BYTEA NOT NULL,
    epoch        BIGINT NOT NULL,
    durable_to   BIGINT NOT NULL,
    chain        BYTEA NOT NULL,
    -- The head the device itself named last.
    claimed_head BIGINT NOT NULL,
    -- By a fork or a restored backup: its device goes on in a fresh epoch.
    closed       SMALLINT NOT NULL,
    PRIMARY KEY (device, epoch)
);

-- lseq is dense: the order in which this server received things.
-- branch 0 is the log; branch 1 is what a cloned disk or a restored backup said at the same positions.
CREATE TABLE entry (
    lseq        BIGINT PRIMARY KEY,
    device      BYTEA NOT NULL,
    epoch       BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    branch      SMALLINT NOT NULL,
    chain       BYTEA NOT NULL,
    statement   BYTEA NOT NULL,
    header      BYTEA NOT NULL,
    -- NULL once erased by law.
    body        BYTEA,
    -- Why it is not believed.
    quarantine  TEXT COLLATE "C",
    received_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX entry_position ON entry (device, epoch, seq, chain);
CREATE INDEX entry_quarantined ON entry (device, epoch, seq) WHERE quarantine IS NOT NULL;

CREATE TABLE seal (
    device    BYTEA NOT NULL,
    epoch     BIGINT NOT NULL,
    to_seq    BIGINT NOT NULL,
    chain     BYTEA NOT NULL,
    author    BYTEA NOT NULL,
    by_device BYTEA NOT NULL,
    by_author BYTEA NOT NULL,
    PRIMARY KEY (device, epoch, to_seq, chain, author)
);

-- Two statements at one position of a log.
CREATE TABLE fork (
    device   BYTEA NOT NULL,
    epoch    BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    first    BYTEA NOT NULL,
    second   BYTEA NOT NULL,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (device, epoch, second)
);
