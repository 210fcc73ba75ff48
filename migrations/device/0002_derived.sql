-- Drawn from envelopes; may be emptied and drawn again at any time.
CREATE TABLE citizen (
    citizen BLOB NOT NULL PRIMARY KEY,
    line TEXT NOT NULL,
    root BLOB NOT NULL
) WITHOUT ROWID;

-- Words of names, without accents, for finding people by the beginnings of them.
CREATE TABLE citizen_word (
    word TEXT NOT NULL,
    citizen BLOB NOT NULL,
    PRIMARY KEY (word, citizen)
) WITHOUT ROWID;
CREATE INDEX citizen_word_by_citizen ON citizen_word (citizen);

-- Identifiers and phone numbers as they stand on each card.
CREATE TABLE identifier (
    register INTEGER NOT NULL,
    value TEXT NOT NULL,
    citizen BLOB NOT NULL,
    statement BLOB NOT NULL,
    PRIMARY KEY (register, value, citizen)
) WITHOUT ROWID;
CREATE INDEX identifier_by_citizen ON identifier (citizen);

-- Pairs of cards that any statement ever joined, whether or not it stands.
CREATE TABLE joined (
    one BLOB NOT NULL,
    other BLOB NOT NULL,
    PRIMARY KEY (one, other)
) WITHOUT ROWID;

CREATE TABLE dose (
    statement BLOB NOT NULL PRIMARY KEY,
    citizen BLOB NOT NULL,
    device BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    product TEXT NOT NULL,
    lot TEXT NOT NULL,
    lot_expiry TEXT,
    counts INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX dose_by_device ON dose (device, given_at);
CREATE INDEX dose_by_citizen ON dose (citizen);
