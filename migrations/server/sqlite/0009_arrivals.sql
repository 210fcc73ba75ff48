-- How many entries came from each device on each day of the campaign (days since 1970, at UTC+7), kept by whoever appends.
CREATE TABLE arrival (
    device  BLOB    NOT NULL,
    day     INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (device, day)
) STRICT, WITHOUT ROWID;

INSERT INTO arrival (device, day, entries)
SELECT device, (received_at + 25200000) / 86400000, count(*) FROM entry GROUP BY 1, 2;
