-- What was received, as it came. Rows of `entry` and `seal` are never changed and never deleted.

-- Small facts about the database itself: `feed_epoch`, `projected_to`, `rules` …
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- A log is (device, epoch): held without a hole from 1 to durable_to.
CREATE TABLE log (
    device       BLOB    NOT NULL,
    epoch        INTEGER NOT NULL,
    durable_to   INTEGER NOT NULL,
    chain        BLOB    NOT NULL,
    -- The head the device itself named last.
    claimed_head INTEGER NOT NULL,
    -- By a fork or a restored backup: its device goes on in a fresh epoch.
    closed       INTEGER NOT NULL,
    PRIMARY KEY (device, epoch)
) STRICT, WITHOUT ROWID;

-- lseq is dense: the order in which this server received things.
-- branch 0 is the log; branch 1 is what a cloned disk or a restored backup said at the same positions.
CREATE TABLE entry (
    lseq        INTEGER PRIMARY KEY,
    device      BLOB    NOT NULL,
    epoch       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    branch      INTEGER NOT NULL,
    chain       BLOB    NOT NULL,
    statement   BLOB    NOT NULL,
    header      BLOB    NOT NULL,
    -- NULL once erased by law.
    body        BLOB,
    -- Why it is not believed.
    quarantine  TEXT,
    received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_position ON entry (device, epoch, seq, chain);
CREATE INDEX entry_quarantined ON entry (device, epoch, seq) WHERE quarantine IS NOT NULL;

CREATE TABLE seal (
    device    BLOB    NOT NULL,
    epoch     INTEGER NOT NULL,
    to_seq    INTEGER NOT NULL,
    chain     BLOB    NOT NULL,
    author    BLOB    NOT NULL,
    by_device BLOB    NOT NULL,
    by_author BLOB    NOT NULL,
    PRIMARY KEY (device, epoch, to_seq, chain, author)
) STRICT, WITHOUT ROWID;

-- Two statements at one position of a log.
CREATE TABLE fork (
    device   BLOB    NOT NULL,
    epoch    INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    first    BLOB    NOT NULL,
    second   BLOB    NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (device, epoch, second)
) STRICT, WITHOUT ROWID;
