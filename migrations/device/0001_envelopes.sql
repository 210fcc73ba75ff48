-- What was said, as it came. Never changed, never removed before the nation holds it.
CREATE TABLE envelope (
    statement BLOB NOT NULL PRIMARY KEY,
    kind INTEGER NOT NULL,
    subject_tag INTEGER NOT NULL,
    subject BLOB NOT NULL,
    author BLOB NOT NULL,
    device BLOB NOT NULL,
    hlc INTEGER NOT NULL,
    header BLOB NOT NULL,
    body BLOB,
    -- 1 when the nation is known to hold it: it came down a feed.
    from_nation INTEGER NOT NULL,
    -- Why it is not believed; NULL for everything that is.
    quarantine TEXT
) WITHOUT ROWID;

-- Which statements enter which card's record.
CREATE TABLE concern (
    citizen BLOB NOT NULL,
    statement BLOB NOT NULL,
    PRIMARY KEY (citizen, statement)
) WITHOUT ROWID;

-- This laptop's own log, one row an entry, numbered without holes in each epoch.
CREATE TABLE log (
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    statement BLOB NOT NULL,
    chain BLOB NOT NULL,
    PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
CREATE INDEX log_by_statement ON log (statement);

-- Each epoch of the log and how far others hold it.
CREATE TABLE log_epoch (
    epoch INTEGER NOT NULL PRIMARY KEY,
    head INTEGER NOT NULL,
    chain BLOB NOT NULL,
    held_to INTEGER NOT NULL,
    national_to INTEGER NOT NULL
);

CREATE TABLE seal (
    epoch INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    seal BLOB NOT NULL,
    PRIMARY KEY (epoch, to_seq)
) WITHOUT ROWID;

-- Single values: identity, keys, clock, language.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Protocol bundles, as the campaign signed them.
CREATE TABLE rules (
    rules BLOB NOT NULL PRIMARY KEY,
    signed BLOB NOT NULL
) WITHOUT ROWID;

-- People and devices met in feeds, by their certificates.
CREATE TABLE author (
    author BLOB NOT NULL,
    device BLOB NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (author, device)
) WITHOUT ROWID;
CREATE TABLE device (
    device BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    site TEXT NOT NULL
) WITHOUT ROWID;

-- How far each feed has been read.
CREATE TABLE cursor (
    feed TEXT NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sum BLOB NOT NULL,
    ready INTEGER NOT NULL
) WITHOUT ROWID;

-- Entries somebody did not believe: this laptop's own, as the server says, and others', as seen here.
CREATE TABLE attention (
    position TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    from_here INTEGER NOT NULL
) WITHOUT ROWID;
