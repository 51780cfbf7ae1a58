import type { LayerEntry } from '../../archive/layerIndex.ts';
import type { LayerStack } from '../../archive/layerStack.ts';
import { readAll } from '../../content/bytes.ts';
import type { ByteStream, Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { withForeignNames } from './foreignNames.ts';
import {
  type DatabaseFile,
  findDatabases,
  maxDatabaseFiles,
  type PackageDatabase,
  pendingLogBytes,
} from './packageDatabases.ts';
import type { DatabaseContent, PackageManager, PackageRecord } from './packageRecord.ts';
import { readRpmDatabase } from './rpmDatabase.ts';
import { readApkInstalled, readDpkgControl, readDpkgStatus } from './textDatabases.ts';

export interface PackageOptions {
  /** True for what need not be read. */
  readonly skip?: (file: DatabaseFile) => boolean;
}

/** What an image says it has installed. */
export interface InstalledPackages {
  /** Several versions of one name are several records. */
  readonly packages: readonly PackageRecord[];
  /** Sentences. */
  readonly problems: readonly string[];
  /** Managers with a database that could not be read, of which packages may be missing. */
  readonly unreadable: readonly PackageManager[];
}

/** Reads files of one image: ImageFiles is one. */
export interface FileReader {
  read(layer: number, entry: LayerEntry, io: Io): Promise<ByteStream>;
}

/** Bytes of one database. */
const maxBytes = 64 << 20;

/** Reads the databases of dpkg, apk and rpm, as far as the image has them. */
export async function readPackages(
  files: FileReader,
  stack: LayerStack,
  options: PackageOptions,
  io: Io,
): Promise<InstalledPackages> {
  const packages: PackageRecord[] = [];
  const problems: string[] = [];
  const unreadable = new Set<PackageManager>();
  for (const database of findDatabases(stack)) {
    const { manager, path } = database;
    const content = await readDatabase(files, database, options, io);
    if (typeof content === 'string') {
      unreadable.add(manager);
      problems.push(`The packages that /${path} lists are not known: ${content}.`);
      continue;
    }
    for (const found of content.packages) packages.push({ ...found, manager });
    if (content.skipped > 0) problems.push(`/${path}: ${entries(content.skipped)} passed over as damaged.`);
    if (pendingLogBytes(stack, database) > 0)
      problems.push(`/${path}: the last changes, in /${path}-wal, are not read.`);
  }
  return { packages: await withForeignNames(packages, io), problems, unreadable: [...unreadable] };
}

/** A text says why it cannot be read. */
async function readDatabase(
  files: FileReader,
  { kind, files: all }: PackageDatabase,
  options: PackageOptions,
  io: Io,
): Promise<DatabaseContent | string> {
  const wanted = all.filter((file) => options.skip?.(file) !== true);
  const bytes = wanted.reduce((sum, { place }) => sum + place.entry.size, 0);
  if (bytes > maxBytes) return `it has ${bytes} bytes, more than the ${maxBytes} that are read`;
  if (all.length > maxDatabaseFiles) return `it has more than ${maxDatabaseFiles} files`;
  if (kind === 'rpm-older' && wanted.length > 0) {
    return 'it is in a format of older versions of rpm. Only the SQLite format of rpm 4.16 and later is read';
  }
  const packages: DatabaseContent['packages'][number][] = [];
  let skipped = 0;
  for (const { path, place } of wanted) {
    const content = await bytesOf(files, { path, place }, io);
    const found = typeof content === 'string' ? content : await parse(kind, content, io);
    if (typeof found === 'string') return found;
    for (const each of found.packages) packages.push(each);
    skipped += found.skipped;
  }
  return { packages, skipped };
}

async function bytesOf(files: FileReader, { path, place }: DatabaseFile, io: Io): Promise<Uint8Array | string> {
  try {
    return await readAll(await files.read(place.layer, place.entry, io), maxBytes, escapeText(`/${path}`));
  } catch (error) {
    if (isOciError(error)) return error.message.replace(/\.$/, '');
    throw error;
  }
}

async function parse(kind: PackageDatabase['kind'], bytes: Uint8Array, io: Io): Promise<DatabaseContent | string> {
  if (kind === 'apk') return readApkInstalled(bytes, io);
  if (kind === 'dpkg-control') return readDpkgControl(bytes, io);
  return kind === 'dpkg-status' ? readDpkgStatus(bytes, io) : readRpmDatabase(bytes, io);
}

function entries(count: number): string {
  return count === 1 ? '1 entry was' : `${count} entries were`;
}
