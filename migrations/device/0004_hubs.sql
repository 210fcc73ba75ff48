-- Feeds are read from the nation (sixteen zeros) and from hubs, each with numbers and sums of its own.
CREATE TABLE feed_cursor (
    server BLOB NOT NULL,
    feed TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sum BLOB NOT NULL,
    ready INTEGER NOT NULL,
    PRIMARY KEY (server, feed)
) WITHOUT ROWID;
INSERT INTO feed_cursor (server, feed, epoch, seq, sum, ready)
    SELECT zeroblob(16), feed, epoch, seq, sum, ready FROM cursor;
DROP TABLE cursor;

-- How far each hub said it holds this laptop's log.
CREATE TABLE hub_held (
    hub BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    held_to INTEGER NOT NULL,
    PRIMARY KEY (hub, epoch)
) WITHOUT ROWID;

-- When, by its own clock, the nation last spoke of an epoch: a word brought by a hub may be older.
ALTER TABLE log_epoch ADD COLUMN national_ms INTEGER NOT NULL DEFAULT 0;

-- Where hubs answer.
CREATE TABLE hub_address (
    url TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    last_contact INTEGER
) WITHOUT ROWID;

-- Hubs the nation ended: stolen, or broken.
CREATE TABLE hub_ended (
    hub BLOB NOT NULL PRIMARY KEY
) WITHOUT ROWID;
