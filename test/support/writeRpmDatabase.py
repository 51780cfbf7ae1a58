"""Writes a package database as rpm does: argument its path; JSON on standard input: {"blobs": [hex, ...], "before": [SQL, ...]}.

The statements of "before" run first; where one of them makes Packages, nothing is put into it.
"""
import json
import sqlite3
import sys

wanted = json.load(sys.stdin)
database = sqlite3.connect(sys.argv[1])
database.execute("PRAGMA journal_mode = WAL")
for statement in wanted.get("before", []):
    database.execute(statement)
has_packages = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'Packages'").fetchone() is not None
for statement in (
    "CREATE TABLE IF NOT EXISTS 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL, "
    "FOREIGN KEY (hnum) REFERENCES 'Packages'(hnum))",
    "CREATE INDEX IF NOT EXISTS 'Name_key_idx' ON 'Name'(key ASC)",
):
    database.execute(statement)
for blob in [] if has_packages else wanted["blobs"]:
    row = database.execute("INSERT INTO Packages (blob) VALUES (?)", (bytes.fromhex(blob),)).lastrowid
    database.execute("INSERT INTO Name VALUES (?, ?, 0)", (blob[:40], row))
database.commit()
database.execute("PRAGMA optimize")
database.execute("PRAGMA wal_checkpoint = TRUNCATE")
database.close()
