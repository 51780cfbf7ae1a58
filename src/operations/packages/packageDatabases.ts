import type { ContentPlace, FileNode, LayerStack } from '../../archive/layerStack.ts';
import { isOciError } from '../../errors.ts';
import { PlaceSet } from '../placeSet.ts';
import type { PackageManager } from './packageRecord.ts';

export type DatabaseKind = 'dpkg-status' | 'dpkg-control' | 'apk' | 'rpm-sqlite' | 'rpm-older';

/** Where an image says what it has installed. */
export interface PackageDatabase {
  readonly manager: PackageManager;
  readonly kind: DatabaseKind;
  /** Where it was looked for: a symbolic link on the way may lead elsewhere. */
  readonly path: string;
  /** One, but for distroless' status.d. */
  readonly files: readonly DatabaseFile[];
}

export interface DatabaseFile {
  readonly path: string;
  readonly place: ContentPlace;
}

/** Most files of one database; of a larger one `findDatabases` gives one more. */
export const maxDatabaseFiles = 1000;

type Known = Omit<PackageDatabase, 'files'>;

const rpmFolders = ['var/lib/rpm', 'usr/lib/sysimage/rpm'] as const;

const databases: readonly Known[] = [
  { manager: 'dpkg', kind: 'dpkg-status', path: 'var/lib/dpkg/status' },
  { manager: 'dpkg', kind: 'dpkg-control', path: 'var/lib/dpkg/status.d' },
  { manager: 'apk', kind: 'apk', path: 'lib/apk/db/installed' },
  { manager: 'apk', kind: 'apk', path: 'usr/lib/apk/db/installed' },
  ...rpmFolders.map((folder) => ({ manager: 'rpm', kind: 'rpm-sqlite', path: `${folder}/rpmdb.sqlite` }) as const),
];

/** Berkeley DB and rpm's own format. */
const olderDatabases: readonly Known[] = rpmFolders
  .flatMap((folder) => [`${folder}/Packages`, `${folder}/Packages.db`])
  .map((path) => ({ manager: 'rpm', kind: 'rpm-older', path }));

/** The databases of an image, each file once; those of older rpm only where there is none in SQLite. */
export function findDatabases(stack: LayerStack): readonly PackageDatabase[] {
  const places = new PlaceSet();
  const found = (known: Known): PackageDatabase | undefined => {
    const files = databaseFiles(known, nodeAt(stack, known.path)).filter(({ place }) => places.add(place));
    return files.length === 0 ? undefined : { ...known, files };
  };
  const current = databases.map(found).filter((database) => database !== undefined);
  if (current.some(({ manager }) => manager === 'rpm')) return current;
  return [...current, ...olderDatabases.map(found).filter((database) => database !== undefined)];
}

/** Of a folder its files, without the lists of checksums that distroless keeps beside them. */
function databaseFiles({ path, kind }: Known, node: FileNode | undefined): readonly DatabaseFile[] {
  if (kind !== 'dpkg-control') return node?.content === undefined ? [] : [{ path, place: node.content }];
  const files: DatabaseFile[] = [];
  for (const [name, { content }] of node?.children ?? []) {
    if (files.length > maxDatabaseFiles) break;
    if (content !== undefined && !name.endsWith('.md5sums')) files.push({ path: `${path}/${name}`, place: content });
  }
  return files;
}

/** Bytes of changes that are not in an SQLite database itself but in the log beside it. */
export function pendingLogBytes(stack: LayerStack, { path, kind }: PackageDatabase): number {
  return kind === 'rpm-sqlite' ? (nodeAt(stack, `${path}-wal`)?.content?.entry.size ?? 0) : 0;
}

function nodeAt(stack: LayerStack, path: string): FileNode | undefined {
  try {
    return stack.resolve(path);
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}
