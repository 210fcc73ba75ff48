-- Hubs. The nation notes what they hold; a hub notes what the nation said.

-- Codes of the units whose feeds a hub may tell, with commas between; nothing for a laptop.
ALTER TABLE device ADD COLUMN hub_areas TEXT COLLATE "C";
ALTER TABLE enrolment_code ADD COLUMN hub_areas TEXT COLLATE "C";

-- At the nation: the nonces of a hub's last conversations. One that calls itself this hub and knows neither is another machine.
CREATE TABLE hub_contact (
    hub          BYTEA   PRIMARY KEY,
    -- What it said it had heard last.
    acknowledged BYTEA   NOT NULL,
    latest       BYTEA   NOT NULL,
    -- When two machines were last seen under this name.
    twin_at      BIGINT
);

-- At the nation: how far a hub said it holds a log.
CREATE TABLE hub_log (
    device BYTEA   NOT NULL,
    epoch  BIGINT NOT NULL,
    hub    BYTEA   NOT NULL,
    seq    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (device, epoch, hub)
);

-- At a hub: the nation's newest receipt for a log, to be handed on to its laptop.
CREATE TABLE national_word (
    device   BYTEA   NOT NULL,
    epoch    BIGINT NOT NULL,
    -- By the nation's clock.
    given_at BIGINT NOT NULL,
    held_to  BIGINT NOT NULL,
    chain    BYTEA   NOT NULL,
    word     BYTEA   NOT NULL,
    PRIMARY KEY (device, epoch)
);

-- At a hub: how a feed of the nation's is kept. Its entries lie in a log of their own.
CREATE TABLE upstream_feed (
    name    TEXT COLLATE "C" PRIMARY KEY,
    epoch   BIGINT NOT NULL,
    -- Counts how often it had to be read again from its start.
    reading BIGINT NOT NULL,
    -- Read to its end once: laptops may take it for the whole.
    ready   SMALLINT NOT NULL
);
