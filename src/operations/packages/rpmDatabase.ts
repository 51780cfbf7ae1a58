import type { Io } from '../../content/store.ts';
import { type DatabaseContent, maxPackages, type PackageRecord } from './packageRecord.ts';
import { readRpmHeader } from './rpmHeader.ts';
import { SqliteFile } from './sqliteFile.ts';
import { blobOf, naturalOf, readRecord, textOf } from './sqliteRecord.ts';
import { finishSteps, type Steps } from './steps.ts';

/** Largest row, in bytes: a header of 16 MiB, and what SQLite puts before it. */
const maxRowBytes = (16 << 20) + 16;
/** Most bytes of the statements that made the tables: rpm's have about 3,000. */
const maxSchemaBytes = 64 << 10;
/** The page with the table of all tables. */
const schemaPage = 1;

/** As rpm's lib/backend/sqlite.c makes the table: only so the second column of a row is a header. */
const packagesTable =
  /^CREATE TABLE (["'`]?)Packages\1 ?\(\s*hnum INTEGER PRIMARY KEY(?: AUTOINCREMENT)?,\s*blob BLOB(?: NOT NULL)?\s*\)$/;

/** Packages of rpm's database in SQLite; a text says why it cannot be read. */
export async function readRpmDatabase(bytes: Uint8Array, io: Io): Promise<DatabaseContent | string> {
  const file = SqliteFile.open(bytes);
  return typeof file === 'string' ? file : finishSteps(readPackagesTable(file), io);
}

function* readPackagesTable(file: SqliteFile): Steps<DatabaseContent | string> {
  const top = yield* findPackagesTable(file);
  if (typeof top === 'string') return top;
  const packages: Omit<PackageRecord, 'manager'>[] = [];
  let skipped = 0;
  const take = (row: Uint8Array | undefined): string | undefined => {
    const blob = row === undefined ? undefined : blobOf(readRecord(row)?.[1]);
    const header = blob === undefined ? undefined : readRpmHeader(blob);
    if (header === undefined) skipped++;
    else packages.push(header);
    return packages.length + skipped > maxPackages ? `it has more than ${maxPackages} packages` : undefined;
  };
  const problem = yield* file.readRows(top, { maxBytes: maxRowBytes, take });
  return problem ?? { packages, skipped };
}

/** The number of the table's top page; a text says why there is none. */
function* findPackagesTable(file: SqliteFile): Steps<number | string> {
  const missing = 'it has no table of packages';
  let bytes = 0;
  const take = (row: Uint8Array | undefined): number | string | undefined => {
    bytes += row?.length ?? 0;
    const values = row === undefined || bytes > maxSchemaBytes ? undefined : readRecord(row);
    if (values === undefined) return 'its schema is not one of rpm';
    const [type, name, , top, statement] = values;
    if (textOf(name) !== 'Packages') return undefined;
    if (textOf(type) !== 'table' || !packagesTable.test(textOf(statement) ?? '')) return missing;
    return naturalOf(top) ?? missing;
  };
  const found = yield* file.readRows(schemaPage, { maxBytes: maxSchemaBytes, take });
  return found ?? missing;
}
