import type { Io } from '../../content/store.ts';
import { inTurns } from '../inTurns.ts';
import { type DatabaseContent, maxPackages, type PackageRecord } from './packageRecord.ts';
import { type Stanza, stanzas } from './stanzas.ts';

type Found = Omit<PackageRecord, 'manager'>;

const dpkgFields: ReadonlySet<string> = new Set(['Package', 'Status', 'Version', 'Architecture']);
/** States in which dpkg counts a package's files as there (dpkg(1), package states). */
const dpkgInstalled: ReadonlySet<string> = new Set(['installed', 'triggers-awaited', 'triggers-pending']);
const apkFields: ReadonlySet<string> = new Set(['P', 'V', 'A']);

/** Packages of dpkg's `status`: those that are installed, also those on hold. A text says why it cannot be read. */
export async function readDpkgStatus(bytes: Uint8Array, io: Io): Promise<DatabaseContent | string> {
  return readStanzas(bytes, dpkgFields, dpkgPackage, io);
}

/** Packages of a file of distroless' `status.d`: a control file, which has no status. A text says why it cannot be read. */
export async function readDpkgControl(bytes: Uint8Array, io: Io): Promise<DatabaseContent | string> {
  const withStatus = (stanza: Stanza): Found | 'bad' | 'absent' =>
    dpkgPackage(stanza.has('Status') ? stanza : new Map([...stanza, ['Status', 'install ok installed']]));
  return readStanzas(bytes, dpkgFields, withStatus, io);
}

/** Packages of apk's `installed`. A text says why it cannot be read. */
export async function readApkInstalled(bytes: Uint8Array, io: Io): Promise<DatabaseContent | string> {
  return readStanzas(bytes, apkFields, (stanza) => found(stanza.get('P'), stanza.get('V'), stanza.get('A')), io);
}

function dpkgPackage(stanza: Stanza): Found | 'bad' | 'absent' {
  const words = stanza.get('Status')?.split(/\s+/) ?? [];
  if (words.length !== 3) return 'bad';
  if (!dpkgInstalled.has(words[2] ?? '')) return 'absent';
  return found(stanza.get('Package'), stanza.get('Version'), stanza.get('Architecture'));
}

function found(name = '', version = '', architecture?: string): Found | 'bad' {
  if (name === '' || version === '') return 'bad';
  return { name, version, ...(architecture === undefined ? {} : { architecture }) };
}

async function readStanzas(
  bytes: Uint8Array,
  fields: ReadonlySet<string>,
  read: (stanza: Stanza) => Found | 'bad' | 'absent',
  io: Io,
): Promise<DatabaseContent | string> {
  const packages: Found[] = [];
  let skipped = 0;
  const add = (stanza: Stanza | undefined): void => {
    const entry = stanza === undefined || packages.length > maxPackages ? 'absent' : read(stanza);
    if (entry === 'bad') skipped++;
    else if (entry !== 'absent') packages.push(entry);
  };
  await inTurns(stanzas(bytes, fields), add, io);
  return packages.length > maxPackages ? `it has more than ${maxPackages} packages` : { packages, skipped };
}
