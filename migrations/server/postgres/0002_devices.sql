-- Who may speak here: devices, authors, staff; and who looked.

CREATE TABLE device (
    device          BYTEA PRIMARY KEY,
    key             BYTEA NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    site            TEXT COLLATE "C" NOT NULL,
    area            TEXT COLLATE "C" NOT NULL,
    -- The signed certificate, as it is handed out.
    certificate     BYTEA NOT NULL,
    enrolled_at     BIGINT NOT NULL,
    revoked_at      BIGINT,
    last_contact    BIGINT,
    -- Server time minus the device's wall clock at the last contact.
    clock_offset_ms BIGINT,
    is_console      SMALLINT NOT NULL
);
CREATE INDEX device_area ON device (area);

CREATE TABLE author (
    author      BYTEA NOT NULL,
    device      BYTEA NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    certificate BYTEA NOT NULL,
    revoked_at  BIGINT,
    PRIMARY KEY (author, device)
);
CREATE INDEX author_device ON author (device);

CREATE TABLE enrolment_code (
    -- Keyed hash: the code itself is nowhere.
    hash       BYTEA PRIMARY KEY,
    site       TEXT COLLATE "C" NOT NULL,
    area       TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    used_by    BYTEA,
    used_at    BIGINT
);

CREATE TABLE staff (
    name     TEXT COLLATE "C" PRIMARY KEY,
    -- admin, viewer
    role     TEXT COLLATE "C" NOT NULL,
    -- Signs this person's settlements on the console device.
    author   BYTEA NOT NULL,
    salt     BYTEA NOT NULL,
    hash     BYTEA NOT NULL,
    added_at BIGINT NOT NULL
);

CREATE TABLE staff_session (
    token_hash   BYTEA PRIMARY KEY,
    staff_name   TEXT COLLATE "C" NOT NULL,
    begun_at     BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);

-- Who read or did what. `who` is a device id or the name of a staff account, never a citizen's.
CREATE TABLE audit (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at   BIGINT NOT NULL,
    who  TEXT COLLATE "C" NOT NULL,
    deed TEXT COLLATE "C" NOT NULL,
    what BYTEA NOT NULL
);
