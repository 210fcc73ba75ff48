-- Bundles this laptop wrote on sticks. A word that comes home counts when it answers one of these.
CREATE TABLE stick (
    bundle BLOB NOT NULL PRIMARY KEY,
    made_ms INTEGER NOT NULL,
    -- Entries of the log that were on it.
    entries INTEGER NOT NULL,
    -- How far each epoch was known to be held by the nation when it was made; CBOR.
    known BLOB NOT NULL,
    -- 1 once the file was written and read back.
    is_written INTEGER NOT NULL,
    -- 1 once a server was found to hold less than it had said: no word about this bundle counts any more.
    is_overtaken INTEGER NOT NULL
) WITHOUT ROWID;

-- The latest word of each server about a bundle.
CREATE TABLE stick_answer (
    bundle BLOB NOT NULL,
    issuer BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (bundle, issuer)
) WITHOUT ROWID;
