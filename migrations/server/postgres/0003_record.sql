-- Conclusions. Every table here can be emptied and drawn again from `entry`.

-- Believed statements, once each, by the entry that brought them first.
CREATE TABLE statement (
    statement   BYTEA PRIMARY KEY,
    lseq        BIGINT NOT NULL,
    kind        INTEGER NOT NULL,
    -- Subject::tag: 1 citizen, 2 device, 3 session.
    subject_tag SMALLINT NOT NULL,
    subject     BYTEA NOT NULL,
    device      BYTEA NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX statement_elsewhere ON statement (subject) WHERE subject_tag <> 1;

-- Which statements enter which card's record.
CREATE TABLE said (
    citizen   BYTEA NOT NULL,
    lseq      BIGINT NOT NULL,
    statement BYTEA NOT NULL,
    PRIMARY KEY (citizen, lseq)
);
CREATE INDEX said_by ON said (lseq);

CREATE TABLE withdrawal (
    target    BYTEA NOT NULL,
    statement BYTEA NOT NULL,
    PRIMARY KEY (target, statement)
);

-- Cards that were ever said to belong together, both ways round, standing or not.
CREATE TABLE link (
    card      BYTEA NOT NULL,
    other     BYTEA NOT NULL,
    statement BYTEA NOT NULL,
    PRIMARY KEY (card, other, statement)
);

CREATE TABLE citizen (
    card            BYTEA PRIMARY KEY,
    -- The smallest card of this person.
    person          BYTEA NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    name_key        TEXT COLLATE "C" NOT NULL,
    birth_days      INTEGER,
    birth_precision SMALLINT,
    unit            TEXT COLLATE "C" NOT NULL,
    first_area      TEXT COLLATE "C" NOT NULL,
    home_area       TEXT COLLATE "C" NOT NULL,
    doses_given     BIGINT NOT NULL,
    last_given_at   BIGINT,
    -- Nothing but registrations, corrections and doses was ever said: a further dose needs no document.
    plain           SMALLINT NOT NULL
);
CREATE INDEX citizen_unit ON citizen (unit) WHERE unit <> '';
CREATE INDEX citizen_name ON citizen (name_key) WHERE name_key <> '';

CREATE TABLE dose (
    citizen   BYTEA NOT NULL,
    lseq      BIGINT NOT NULL,
    statement BYTEA NOT NULL,
    product   TEXT COLLATE "C" NOT NULL,
    lot       TEXT COLLATE "C" NOT NULL,
    number    INTEGER NOT NULL,
    given_at  BIGINT NOT NULL,
    site      TEXT COLLATE "C" NOT NULL,
    -- given, withdrawn, echo
    state     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (citizen, lseq)
);

CREATE TABLE identifier (
    register  INTEGER NOT NULL,
    value     TEXT COLLATE "C" NOT NULL,
    card      BYTEA NOT NULL,
    statement BYTEA NOT NULL,
    PRIMARY KEY (register, value, card, statement)
);
CREATE INDEX identifier_card ON identifier (card);

CREATE TABLE case_file (
    case_id    BYTEA PRIMARY KEY,
    kind       INTEGER NOT NULL,
    -- open, sent_back, settled, gone
    status     TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C",
    -- Ids end to end, sorted.
    involved   BYTEA NOT NULL,
    citizens   BYTEA NOT NULL,
    device     BYTEA,
    settlement BYTEA,
    -- When the last of the statements in dispute was received.
    raised_at  BIGINT NOT NULL
);
CREATE INDEX case_queue ON case_file (status, raised_at, case_id);

CREATE TABLE case_citizen (
    citizen BYTEA NOT NULL,
    case_id BYTEA NOT NULL,
    PRIMARY KEY (citizen, case_id)
);

-- Cards to be drawn again although nothing new was said of them: new rules, a new area.
CREATE TABLE stale (
    card BYTEA PRIMARY KEY
);
