-- What goes down to the laptops. Numbers that were handed out are promises: feeds outlive a rebuild.

CREATE TABLE feed (
    feed  BIGINT PRIMARY KEY,
    name  TEXT COLLATE "C" NOT NULL UNIQUE,
    epoch BIGINT NOT NULL,
    seq   BIGINT NOT NULL,
    sum   BYTEA NOT NULL
);

-- The same statement never stands twice in one feed.
CREATE TABLE feed_entry (
    feed BIGINT NOT NULL,
    seq  BIGINT NOT NULL,
    lseq BIGINT NOT NULL,
    sum  BYTEA NOT NULL,
    PRIMARY KEY (feed, seq)
);
CREATE UNIQUE INDEX feed_entry_once ON feed_entry (lseq, feed);

-- The feeds a card's whole story goes to: its home, and wherever it was spoken of.
CREATE TABLE citizen_feed (
    card BYTEA NOT NULL,
    feed BIGINT NOT NULL,
    PRIMARY KEY (card, feed)
);

-- Immutable files, named by the hash of their bytes. The newest of a feed is handed out; older ones
-- stay for those in the middle of fetching one.
CREATE TABLE snapshot (
    sha256  BYTEA PRIMARY KEY,
    feed    BIGINT NOT NULL,
    epoch   BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    sum     BYTEA NOT NULL,
    bytes   BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX snapshot_of ON snapshot (feed, seq);
