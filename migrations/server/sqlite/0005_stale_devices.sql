-- Devices to be looked at again although nothing new was said by them: a second end of a log, seen at a hello.
CREATE TABLE stale_device (
    device BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
