-- A ledger as the first layout had it, with one of everything.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    process INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    address TEXT NOT NULL,
    profile TEXT,
    file TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    key_origin TEXT NOT NULL,
    outcome TEXT,
    how TEXT,
    cause TEXT,
    begun INTEGER,
    sent INTEGER,
    took_ms INTEGER,
    status INTEGER,
    reason TEXT,
    version TEXT,
    headers TEXT,
    body BLOB,
    body_state TEXT,
    settled_accepted INTEGER,
    settled_ms INTEGER
) STRICT;
 CREATE INDEX attempt_of_bytes ON attempt (sha256, address);
 CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    process INTEGER NOT NULL,
    path BLOB NOT NULL,
    base TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;
 CREATE INDEX session_of_path ON session (path);
 CREATE TABLE mark (
    session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    left_out TEXT NOT NULL,
    PRIMARY KEY (session, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt (process, started_ms, address, file, sha256, bytes, rows, key_origin, outcome, how, begun, sent, took_ms, status, reason, version, headers, body, body_state) VALUES
    (1, 1, 'https://a', 'm', zeroblob(32), 2, 1, 'k', 'refused', 'replied', 1, 2, 3, 400, 'r', 'v', '[]', CAST('why' AS BLOB), 'whole'),
    (1, 2, 'https://a', 'm', zeroblob(32), 2, 1, 'k', 'accepted', 'replied', 1, 2, 3, 204, 'r', 'v', '[]', zeroblob(0), 'whole');
INSERT INTO attempt (process, started_ms, address, file, sha256, bytes, rows, key_origin, settled_accepted, settled_ms) VALUES (1, 3, 'https://a', 'm', zeroblob(32), 2, 1, 'k', 0, 9);
INSERT INTO session (process, path, base, started_ms, changed_ms) VALUES (4194305, CAST('/m.json' AS BLOB), 'base', 1, 2);
INSERT INTO mark VALUES (1, 1, 'did', 'a', '');
PRAGMA user_version = 1;
