-- Filters of prior doses that were handed out, and what their building needs to know. The files lie in the data directory.

CREATE TABLE prior_filter (
    -- PriorId: the hash of the manifest.
    prior      BLOB    PRIMARY KEY,
    -- Counted up over bases and deltas alike.
    number     INTEGER NOT NULL UNIQUE,
    -- The base a delta stands on; NULL for a base.
    base       BLOB,
    built_at   INTEGER NOT NULL,
    after_lseq INTEGER NOT NULL,
    to_lseq    INTEGER NOT NULL,
    citizens   INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    -- What the key is made of, with a secret that is not in the database. A delta has its base's.
    salt       BLOB    NOT NULL,
    -- As the campaign signed it.
    manifest   BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE prior_file (
    prior   BLOB    NOT NULL,
    segment INTEGER NOT NULL,
    sha256  BLOB    NOT NULL,
    PRIMARY KEY (prior, segment)
) STRICT, WITHOUT ROWID;
CREATE INDEX prior_file_name ON prior_file (sha256);

-- Cards whose record could not be drawn, with as many doses as were ever said of them: they must not be absent from a filter.
CREATE TABLE undrawn (
    card  BLOB    PRIMARY KEY,
    doses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Finds a person's other cards by the smallest one; most people have one card and are not in it.
CREATE INDEX citizen_person ON citizen (person) WHERE person <> card;
