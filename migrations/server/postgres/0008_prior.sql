-- Filters of prior doses that were handed out, and what their building needs to know. The files lie in the data directory.

CREATE TABLE prior_filter (
    -- PriorId: the hash of the manifest.
    prior      BYTEA    PRIMARY KEY,
    -- Counted up over bases and deltas alike.
    number     BIGINT NOT NULL UNIQUE,
    -- The base a delta stands on; NULL for a base.
    base       BYTEA,
    built_at   BIGINT NOT NULL,
    after_lseq BIGINT NOT NULL,
    to_lseq    BIGINT NOT NULL,
    citizens   BIGINT NOT NULL,
    bytes      BIGINT NOT NULL,
    -- What the key is made of, with a secret that is not in the database. A delta has its base's.
    salt       BYTEA    NOT NULL,
    -- As the campaign signed it.
    manifest   BYTEA    NOT NULL
);

CREATE TABLE prior_file (
    prior   BYTEA    NOT NULL,
    segment BIGINT NOT NULL,
    sha256  BYTEA    NOT NULL,
    PRIMARY KEY (prior, segment)
);
CREATE INDEX prior_file_name ON prior_file (sha256);

-- Cards whose record could not be drawn, with as many doses as were ever said of them: they must not be absent from a filter.
CREATE TABLE undrawn (
    card  BYTEA    PRIMARY KEY,
    doses BIGINT NOT NULL
);

-- Finds a person's other cards by the smallest one; most people have one card and are not in it.
CREATE INDEX citizen_person ON citizen (person) WHERE person <> card;
