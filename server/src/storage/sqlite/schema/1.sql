-- Schema 1. Never edited once released: what comes after is a migration of its own.

-- Somebody who has an account. `position` is that of the last batch in its journal; `snapshot` that of its snapshot, whose `pieces` pieces are
-- those of this `generation`. An id is never used again.
CREATE TABLE account (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    password   TEXT,
    position   INTEGER NOT NULL DEFAULT 0,
    snapshot   INTEGER,
    generation INTEGER NOT NULL DEFAULT 0,
    pieces     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a step did to an account, encoded.
CREATE TABLE batch (
    account  INTEGER NOT NULL,
    position INTEGER NOT NULL,
    changes  BLOB NOT NULL,
    PRIMARY KEY (account, position)
) STRICT, WITHOUT ROWID;

-- Pieces of snapshots, encoded. Those of a generation after the account's belong to a snapshot that is not complete.
CREATE TABLE snapshot (
    account    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    changes    BLOB NOT NULL,
    PRIMARY KEY (account, generation, number)
) STRICT, WITHOUT ROWID;

-- The octets of a message: how many messages have them, how many octets there are, how many of these are still to come. What changes is apart from
-- what is large, so that COPY and EXPUNGE rewrite little.
CREATE TABLE content (
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    refs    INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    missing INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX unreferenced ON content (account) WHERE refs = 0;

-- What FETCH shows of a message without looking at it. A seal is a checksum.
CREATE TABLE digest (
    content   INTEGER PRIMARY KEY,
    seal      INTEGER NOT NULL,
    envelope  BLOB NOT NULL,
    body      BLOB NOT NULL,
    structure BLOB NOT NULL
) STRICT;

-- The header and the rest of a message; the rest of a large one is in pieces. The seals come first, and the header before the rest: whoever reads a
-- row reads its pages up to the last column that he asked for.
CREATE TABLE octets (
    content     INTEGER PRIMARY KEY,
    header_seal INTEGER NOT NULL,
    rest_seal   INTEGER,
    header      BLOB NOT NULL,
    rest        BLOB
) STRICT;

-- The rest of a large message: the octets from `start` on, counted from the end of the header.
CREATE TABLE piece (
    content INTEGER NOT NULL,
    start   INTEGER NOT NULL,
    seal    INTEGER NOT NULL,
    octets  BLOB NOT NULL,
    PRIMARY KEY (content, start)
) STRICT, WITHOUT ROWID;

-- The greatest id of the contents that are no more.
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('last content', 0);
