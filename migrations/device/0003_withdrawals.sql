-- What was taken back by what: a withdrawal enters every card that its target enters, in whichever order they come.
CREATE TABLE withdrawal (
    target BLOB NOT NULL,
    statement BLOB NOT NULL,
    PRIMARY KEY (target, statement)
) WITHOUT ROWID;
CREATE INDEX concern_by_statement ON concern (statement);
