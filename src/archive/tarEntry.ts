import type { Fragment } from './layerIndex.ts';
import { integerOf, type PaxRecords, xattrPrefix } from './paxRecords.ts';
import { isHeaderOnly, malformed, type RawHeader } from './tarHeader.ts';
import { textOfLatin } from './tarNames.ts';

/** An entry of a tar with its extended headers applied, as Go's archive/tar gives it. */
export interface TarEntry {
  /** As written; see `textOf` for bytes that are not UTF-8. */
  readonly name: string;
  readonly linkname: string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` directory, `6` FIFO, `S` sparse file, … */
  readonly typeflag: string;
  /** Bytes of content, holes of a sparse file included. */
  readonly size: number;
  /** Bytes of content that stand in the tar. */
  readonly stored: number;
  /** Where they begin, in bytes. */
  readonly offset: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly devmajor: number;
  readonly devminor: number;
  readonly fragments?: readonly Fragment[];
  /** Name to value in hex. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** What extended headers before an entry say; texts are bytes as latin-1. */
export interface Extensions {
  readonly pax?: PaxRecords | undefined;
  /** GNU's long name and long link name. */
  readonly name?: string | undefined;
  readonly linkname?: string | undefined;
}

const none: PaxRecords = new Map();

/** A header with its extensions, the content beginning at `offset`. @throws OciError corrupt-archive */
export function tarEntry(raw: RawHeader, { pax = none, ...long }: Extensions, offset: number): TarEntry {
  for (const name of ['atime', 'ctime']) paxTime(pax, name);
  const name = long.name || pax.get('path') || raw.name;
  const size = paxNumber(pax, 'size') ?? raw.size;
  const typeflag = raw.typeflag !== '\0' ? raw.typeflag : name.endsWith('/') ? '5' : '0';
  if (size < 0 && !isHeaderOnly(typeflag)) throw malformed('its size is negative');
  const stored = isHeaderOnly(typeflag) ? 0 : size;
  if (!Number.isSafeInteger(stored)) throw malformed('its size is too large to be true');
  const { mode, devmajor, devminor } = raw;
  const xattrs = pax === none ? undefined : xattrsOf(pax);
  return {
    name: textOfLatin(name),
    linkname: textOfLatin(long.linkname || pax.get('linkpath') || raw.linkname),
    typeflag,
    size: stored,
    stored,
    offset,
    mode,
    uid: paxNumber(pax, 'uid') ?? raw.uid,
    gid: paxNumber(pax, 'gid') ?? raw.gid,
    mtime: paxTime(pax, 'mtime') ?? raw.mtime,
    devmajor,
    devminor,
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

function paxNumber(pax: PaxRecords, name: string): number | undefined {
  const text = pax.get(name) ?? '';
  if (text === '') return undefined;
  const value = integerOf(text);
  if (value === undefined) throw malformed(`its PAX ${name} is no number`);
  return value;
}

/** Whole seconds: the last second that was full at that time. Go reads nine digits of a fraction. */
function paxTime(pax: PaxRecords, name: string): number | undefined {
  const text = pax.get(name) ?? '';
  if (text === '') return undefined;
  const [, whole = '', fraction = ''] = /^([^.]*)(?:\.(\d*))?$/.exec(text) ?? [];
  const seconds = integerOf(whole);
  if (seconds === undefined) throw malformed(`its PAX ${name} is no time`);
  return whole.startsWith('-') && /[1-9]/.test(fraction.slice(0, 9)) ? seconds - 1 : seconds;
}

function xattrsOf(pax: PaxRecords): Readonly<Record<string, string>> | undefined {
  const names = [...pax.keys()].filter((name) => name.startsWith(xattrPrefix));
  if (names.length === 0) return undefined;
  const hex = (name: string): string => Buffer.from(pax.get(name) ?? '', 'latin1').toString('hex');
  return Object.fromEntries(names.map((name) => [textOfLatin(name.slice(xattrPrefix.length)), hex(name)]));
}
