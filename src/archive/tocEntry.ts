import { type Digest, isDigest } from '../oci/digest.ts';
import { isObject, type JsonObject } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';
import type { EntryType, LayerEntry } from './layerIndex.ts';
import { cleanName, isLong, isOversize } from './tarNames.ts';
import { unfitToc } from './tocPlace.ts';

const types: ReadonlyMap<unknown, EntryType> = new Map([
  ['reg', 'file'],
  ['dir', 'directory'],
  ['symlink', 'symlink'],
  ['hardlink', 'hardlink'],
  ['char', 'char'],
  ['block', 'block'],
  ['fifo', 'fifo'],
]);

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** What Go writes for a time that is not known. */
const zeroTime = '0001-01-01T00:00:00Z';
/** Both that may not be in names: Go writes the first for bytes that are no UTF-8, the second ends a name in a tar. */
const lost = /[\ufffd\0]|\p{Surrogate}/u;

/** An entry of a table of contents, of every type but `chunk`, without what says where its content is. */
export function entryOfToc(json: JsonObject): LayerEntry {
  const type = types.get(json['type']);
  if (type === undefined) throw unfitToc(`it has an entry of a type that is not known: ${textIn(json, 'type')}`);
  return {
    path: pathIn(json),
    type,
    size: type === 'file' ? numberIn(json, 'size') : 0,
    mode: numberIn(json, 'mode') % 0o10000,
    uid: numberIn(json, 'uid'),
    gid: numberIn(json, 'gid'),
    mtime: timeIn(json),
    offset: -1,
    ...(type === 'symlink' || type === 'hardlink' ? { linkname: targetIn(json) } : {}),
    ...(type === 'char' || type === 'block' ? { device: deviceIn(json) } : {}),
    ...xattrsIn(json),
  };
}

/** A whole number of at least 0; 0 where there is none. */
export function numberIn(json: JsonObject, member: string): number {
  const value = json[member] ?? 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw unfitToc(`${member} of ${shown(json)} is not a whole number of at least 0`);
}

/** A path; `''` where there is none. */
export function nameIn(json: JsonObject, member: string): string {
  const value = json[member] ?? '';
  if (typeof value === 'string' && !lost.test(value)) return value;
  throw unfitToc(`${member} of ${shown(json)} is not the text that stands in the tar`);
}

/** A digest; undefined where there is none. */
export function digestIn(json: JsonObject, member: string): Digest | undefined {
  const value = json[member];
  if (value === undefined || value === '' || isDigest(value)) return value === '' ? undefined : value;
  throw unfitToc(`${member} of ${shown(json)} is not a digest`);
}

/** The name of an entry for people. */
export function shown(json: JsonObject): string {
  return textIn(json, 'name');
}

/** For people: what is no text may be anything, also what no text can be made of. */
function textIn(json: JsonObject, member: string): string {
  const value = json[member];
  return typeof value === 'string' ? escapeText(value) : `an entry without a ${member}`;
}

function targetIn(json: JsonObject): string {
  const target = nameIn(json, 'linkName');
  if (isLong(target)) throw unfitToc(`linkName of ${shown(json)} is too long`);
  return target;
}

/** Where unpackers put the entry. What leads elsewhere than its name says is left to who reads the tar. */
function pathIn(json: JsonObject): string {
  const { path, leaves } = cleanName(nameIn(json, 'name'));
  if (!leaves && !isOversize(path)) return path;
  throw unfitToc(`${shown(json)} is a path that is ${leaves ? 'outside the image' : 'too long or too deep'}`);
}

function timeIn(json: JsonObject): number {
  const value = json['modtime'] ?? '';
  if (value === '' || value === zeroTime) return 0;
  const milliseconds = typeof value === 'string' && rfc3339.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(milliseconds)) throw unfitToc(`modtime of ${shown(json)} is not a time`);
  return Math.floor(milliseconds / 1000);
}

function deviceIn(json: JsonObject): { readonly major: number; readonly minor: number } {
  return { major: numberIn(json, 'devMajor'), minor: numberIn(json, 'devMinor') };
}

function xattrsIn(json: JsonObject): { readonly xattrs?: Readonly<Record<string, string>> } {
  const value = json['xattrs'] ?? {};
  if (!isObject(value)) throw unfitToc(`xattrs of ${shown(json)} is not an object`);
  const names = Object.keys(value);
  if (names.length === 0) return {};
  return { xattrs: Object.fromEntries(names.map((name) => [name, hexOf(value[name], json)])) };
}

function hexOf(value: unknown, json: JsonObject): string {
  const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64');
  if (bytes.toString('base64') === value) return bytes.toString('hex');
  throw unfitToc(`an extended attribute of ${shown(json)} is not base64`);
}
