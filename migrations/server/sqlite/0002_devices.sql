-- Who may speak here: devices, authors, staff; and who looked.

CREATE TABLE device (
    device          BLOB    PRIMARY KEY,
    key             BLOB    NOT NULL,
    name            TEXT    NOT NULL,
    site            TEXT    NOT NULL,
    area            TEXT    NOT NULL,
    -- The signed certificate, as it is handed out.
    certificate     BLOB    NOT NULL,
    enrolled_at     INTEGER NOT NULL,
    revoked_at      INTEGER,
    last_contact    INTEGER,
    -- Server time minus the device's wall clock at the last contact.
    clock_offset_ms INTEGER,
    is_console      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_area ON device (area);

CREATE TABLE author (
    author      BLOB    NOT NULL,
    device      BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    certificate BLOB    NOT NULL,
    revoked_at  INTEGER,
    PRIMARY KEY (author, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX author_device ON author (device);

CREATE TABLE enrolment_code (
    -- Keyed hash: the code itself is nowhere.
    hash       BLOB    PRIMARY KEY,
    site       TEXT    NOT NULL,
    area       TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by    BLOB,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE staff (
    name     TEXT    PRIMARY KEY,
    -- admin, viewer
    role     TEXT    NOT NULL,
    -- Signs this person's settlements on the console device.
    author   BLOB    NOT NULL,
    salt     BLOB    NOT NULL,
    hash     BLOB    NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_session (
    token_hash   BLOB    PRIMARY KEY,
    staff_name   TEXT    NOT NULL,
    begun_at     INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who read or did what. `who` is a device id or the name of a staff account, never a citizen's.
CREATE TABLE audit (
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    who  TEXT    NOT NULL,
    deed TEXT    NOT NULL,
    what BLOB    NOT NULL
) STRICT;
