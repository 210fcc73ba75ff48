-- People of other areas whose stories were fetched from the nation when they came here. No feed tells what is said of
-- them since, unless it is said here.
CREATE TABLE visitor (
    citizen BLOB NOT NULL PRIMARY KEY,
    fetched_ms INTEGER NOT NULL
) WITHOUT ROWID;
