-- Conclusions. Every table here can be emptied and drawn again from `entry`.

-- Believed statements, once each, by the entry that brought them first.
CREATE TABLE statement (
    statement   BLOB    PRIMARY KEY,
    lseq        INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    -- Subject::tag: 1 citizen, 2 device, 3 session.
    subject_tag INTEGER NOT NULL,
    subject     BLOB    NOT NULL,
    device      BLOB    NOT NULL,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX statement_elsewhere ON statement (subject) WHERE subject_tag <> 1;

-- Which statements enter which card's record.
CREATE TABLE said (
    citizen   BLOB    NOT NULL,
    lseq      INTEGER NOT NULL,
    statement BLOB    NOT NULL,
    PRIMARY KEY (citizen, lseq)
) STRICT, WITHOUT ROWID;
CREATE INDEX said_by ON said (lseq);

CREATE TABLE withdrawal (
    target    BLOB NOT NULL,
    statement BLOB NOT NULL,
    PRIMARY KEY (target, statement)
) STRICT, WITHOUT ROWID;

-- Cards that were ever said to belong together, both ways round, standing or not.
CREATE TABLE link (
    card      BLOB NOT NULL,
    other     BLOB NOT NULL,
    statement BLOB NOT NULL,
    PRIMARY KEY (card, other, statement)
) STRICT, WITHOUT ROWID;

CREATE TABLE citizen (
    card            BLOB    PRIMARY KEY,
    -- The smallest card of this person.
    person          BLOB    NOT NULL,
    name            TEXT    NOT NULL,
    name_key        TEXT    NOT NULL,
    birth_days      INTEGER,
    birth_precision INTEGER,
    unit            TEXT    NOT NULL,
    first_area      TEXT    NOT NULL,
    home_area       TEXT    NOT NULL,
    doses_given     INTEGER NOT NULL,
    last_given_at   INTEGER,
    -- Nothing but registrations, corrections and doses was ever said: a further dose needs no document.
    plain           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX citizen_unit ON citizen (unit) WHERE unit <> '';
CREATE INDEX citizen_name ON citizen (name_key) WHERE name_key <> '';

CREATE TABLE dose (
    citizen   BLOB    NOT NULL,
    lseq      INTEGER NOT NULL,
    statement BLOB    NOT NULL,
    product   TEXT    NOT NULL,
    lot       TEXT    NOT NULL,
    number    INTEGER NOT NULL,
    given_at  INTEGER NOT NULL,
    site      TEXT    NOT NULL,
    -- given, withdrawn, echo
    state     TEXT    NOT NULL,
    PRIMARY KEY (citizen, lseq)
) STRICT, WITHOUT ROWID;

CREATE TABLE identifier (
    register  INTEGER NOT NULL,
    value     TEXT    NOT NULL,
    card      BLOB    NOT NULL,
    statement BLOB    NOT NULL,
    PRIMARY KEY (register, value, card, statement)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_card ON identifier (card);

CREATE TABLE case_file (
    case_id    BLOB    PRIMARY KEY,
    kind       INTEGER NOT NULL,
    -- open, sent_back, settled, gone
    status     TEXT    NOT NULL,
    key        TEXT,
    -- Ids end to end, sorted.
    involved   BLOB    NOT NULL,
    citizens   BLOB    NOT NULL,
    device     BLOB,
    settlement BLOB,
    -- When the last of the statements in dispute was received.
    raised_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX case_queue ON case_file (status, raised_at, case_id);

CREATE TABLE case_citizen (
    citizen BLOB NOT NULL,
    case_id BLOB NOT NULL,
    PRIMARY KEY (citizen, case_id)
) STRICT, WITHOUT ROWID;

-- Cards to be drawn again although nothing new was said of them: new rules, a new area.
CREATE TABLE stale (
    card BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
