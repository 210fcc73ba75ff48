-- Hubs. The nation notes what they hold; a hub notes what the nation said.

-- Codes of the units whose feeds a hub may tell, with commas between; nothing for a laptop.
ALTER TABLE device ADD COLUMN hub_areas TEXT;
ALTER TABLE enrolment_code ADD COLUMN hub_areas TEXT;

-- At the nation: the nonces of a hub's last conversations. One that calls itself this hub and knows neither is another machine.
CREATE TABLE hub_contact (
    hub          BLOB    PRIMARY KEY,
    -- What it said it had heard last.
    acknowledged BLOB    NOT NULL,
    latest       BLOB    NOT NULL,
    -- When two machines were last seen under this name.
    twin_at      INTEGER
) STRICT, WITHOUT ROWID;

-- At the nation: how far a hub said it holds a log.
CREATE TABLE hub_log (
    device BLOB    NOT NULL,
    epoch  INTEGER NOT NULL,
    hub    BLOB    NOT NULL,
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (device, epoch, hub)
) STRICT, WITHOUT ROWID;

-- At a hub: the nation's newest receipt for a log, to be handed on to its laptop.
CREATE TABLE national_word (
    device   BLOB    NOT NULL,
    epoch    INTEGER NOT NULL,
    -- By the nation's clock.
    given_at INTEGER NOT NULL,
    held_to  INTEGER NOT NULL,
    chain    BLOB    NOT NULL,
    word     BLOB    NOT NULL,
    PRIMARY KEY (device, epoch)
) STRICT, WITHOUT ROWID;

-- At a hub: how a feed of the nation's is kept. Its entries lie in a log of their own.
CREATE TABLE upstream_feed (
    name    TEXT    PRIMARY KEY,
    epoch   INTEGER NOT NULL,
    -- Counts how often it had to be read again from its start.
    reading INTEGER NOT NULL,
    -- Read to its end once: laptops may take it for the whole.
    ready   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
