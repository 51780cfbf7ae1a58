import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A value of a header: `int32`, `string`, or an array of strings. */
type Value = number | string | readonly string[];

/** Bytes of a header (RPM package format V4, header structure) as the database has it, from tags and values. */
export function rpmHeaderOf(values: Readonly<Record<number, Value>>): Buffer {
  const index: Buffer[] = [];
  const data: Buffer[] = [];
  let length = 0;
  for (const [tag, value] of Object.entries(values)) {
    const padding = typeof value === 'number' ? (4 - (length % 4)) % 4 : 0;
    const bytes = bytesOf(value);
    index.push(words(Number(tag), typeOf(value), length + padding, Array.isArray(value) ? value.length : 1));
    data.push(Buffer.alloc(padding), bytes);
    length += padding + bytes.length;
  }
  return Buffer.concat([words(index.length, length), ...index, ...data]);
}

/** A package as rpm describes it, with tags around those that matter. */
export function rpmPackage(
  name: string,
  version: string,
  release: string,
  more: Readonly<Record<number, Value>> = {},
): Buffer {
  const texts = { 100: ['C'], 1000: name, 1001: version, 1002: release, 1004: 'a summary' };
  return rpmHeaderOf({ ...texts, 1022: 'x86_64', 1116: [3, 4].map(String), 1118: ['/usr/', '/etc/'], ...more });
}

/** A database of these headers, by Python's SQLite. */
export function rpmDatabaseOf(folder: string, blobs: readonly Buffer[], before: readonly string[] = []): Buffer {
  const file = path.join(folder, 'rpmdb.sqlite');
  const input = JSON.stringify({ blobs: blobs.map((blob) => blob.toString('hex')), before });
  execFileSync('python3', [path.join(import.meta.dirname, 'writeRpmDatabase.py'), file], { input });
  return readFileSync(file);
}

/** In an empty folder, a database without its last change, which is in the log beside it, as while rpm runs. */
export function rpmDatabaseWithLog(
  folder: string,
  blobs: readonly Buffer[],
  last: Buffer,
): { readonly database: Buffer; readonly log: Buffer } {
  rpmDatabaseOf(folder, blobs);
  const file = path.join(folder, 'rpmdb.sqlite');
  const script = `
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("INSERT INTO Packages (blob) VALUES (?)", (bytes.fromhex(sys.argv[2]),))
database.commit()
os._exit(0)
`;
  execFileSync('python3', ['-c', script, file, last.toString('hex')]);
  return { database: readFileSync(file), log: readFileSync(`${file}-wal`) };
}

/** Statements that give an empty database pages of this size, and free pages. */
export function pagesOf(bytes: number, autoVacuum: 'none' | 'full' = 'none'): readonly string[] {
  return [
    'PRAGMA journal_mode = DELETE',
    `PRAGMA page_size = ${bytes}`,
    `PRAGMA auto_vacuum = ${autoVacuum}`,
    'VACUUM',
    'CREATE TABLE filling (x)',
    'INSERT INTO filling WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 50) ' +
      `SELECT randomblob(${bytes}) FROM c`,
    'DROP TABLE filling',
  ];
}

function bytesOf(value: Value): Buffer {
  if (typeof value === 'number') return words(value);
  return Buffer.from(
    [value]
      .flat()
      .map((text) => `${text}\0`)
      .join(''),
  );
}

function typeOf(value: Value): number {
  if (typeof value === 'number') return 4;
  return typeof value === 'string' ? 6 : 8;
}

/** Numbers of 32 bits, big-endian. */
export function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, at * 4);
  return bytes;
}
