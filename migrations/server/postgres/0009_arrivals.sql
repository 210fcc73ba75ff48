-- How many entries came from each device on each day of the campaign (days since 1970, at UTC+7), kept by whoever appends.
CREATE TABLE arrival (
    device  BYTEA   NOT NULL,
    day     INTEGER NOT NULL,
    entries BIGINT  NOT NULL,
    PRIMARY KEY (device, day)
);

INSERT INTO arrival (device, day, entries)
SELECT device, ((received_at + 25200000) / 86400000)::INTEGER, count(*) FROM entry GROUP BY 1, 2;
