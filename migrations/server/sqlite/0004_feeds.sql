-- What goes down to the laptops. Numbers that were handed out are promises: feeds outlive a rebuild.

CREATE TABLE feed (
    feed  INTEGER PRIMARY KEY,
    name  TEXT    NOT NULL UNIQUE,
    epoch INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    sum   BLOB    NOT NULL
) STRICT;

-- The same statement never stands twice in one feed.
CREATE TABLE feed_entry (
    feed INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    lseq INTEGER NOT NULL,
    sum  BLOB    NOT NULL,
    PRIMARY KEY (feed, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX feed_entry_once ON feed_entry (lseq, feed);

-- The feeds a card's whole story goes to: its home, and wherever it was spoken of.
CREATE TABLE citizen_feed (
    card BLOB    NOT NULL,
    feed INTEGER NOT NULL,
    PRIMARY KEY (card, feed)
) STRICT, WITHOUT ROWID;

-- Immutable files, named by the hash of their bytes. The newest of a feed is handed out; older ones
-- stay for those in the middle of fetching one.
CREATE TABLE snapshot (
    sha256  BLOB    PRIMARY KEY,
    feed    INTEGER NOT NULL,
    epoch   INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    sum     BLOB    NOT NULL,
    bytes   INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_of ON snapshot (feed, seq);
