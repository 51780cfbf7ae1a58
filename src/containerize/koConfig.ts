import path from 'node:path';
import { isOciError, SpecError, type SpecProblem } from '../errors.ts';
import { isObject, type JsonObject } from '../oci/json.ts';
import { formatPlatform, parsePlatform } from '../oci/platform.ts';
import { escapeText } from '../oci/reference.ts';

/** A text of a .ko.yaml and where it stands: lines and columns count from 1. */
export interface KoText {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** One entry of `builds`. */
export interface KoBuild {
  readonly id?: string;
  /** The folder of its package, relative to the file, with `/`; `.` for its own. */
  readonly folder: string;
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly flags: readonly KoText[];
  readonly ldflags: readonly KoText[];
  readonly hasCapabilities: boolean;
}

/** What a .ko.yaml says of how Go programs are built and what they are put on. */
export interface KoConfig {
  /** As it was given, for messages. */
  readonly file: string;
  readonly defaultBaseImage?: string;
  /** By import path in lower case: ko tells no cases apart. */
  readonly baseImageOverrides: ReadonlyMap<string, string>;
  /** Absent too where the file asks for all platforms of the base. */
  readonly defaultPlatforms?: readonly string[];
  /** True for `all` and for systems without an architecture, which name no platforms. */
  readonly wantsAllPlatforms: boolean;
  readonly defaultEnv: readonly string[];
  readonly defaultFlags: readonly KoText[];
  readonly defaultLdflags: readonly KoText[];
  readonly builds: readonly KoBuild[];
}

type Place = readonly (string | number)[];
/** Where something of the file stands. */
export type KoPlaces = (path: Place) => { readonly line: number; readonly column: number };

interface Reading {
  readonly places: KoPlaces;
  readonly wrong: (path: Place, text: string) => void;
}

const maxEntries = 1000;
const maxLength = 10_000;

/**
 * Reads the value of a .ko.yaml. Names are known in every case and others are passed over, as ko does.
 * @throws SpecError with everything that is wrong
 */
export function readKoConfig(
  value: unknown,
  file: string,
  places: KoPlaces = () => ({ line: 1, column: 1 }),
): KoConfig {
  const problems: SpecProblem[] = [];
  const wrong = (at: Place, text: string): void => void problems.push({ file, ...places(at), text });
  const reading: Reading = { places, wrong };
  if (value !== null && !isObject(value)) wrong([], 'the file must hold members such as defaultBaseImage');
  const members = membersOf(isObject(value) ? value : {}, []);
  const config = { file, ...readMembers(members, reading) };
  const [first] = problems;
  if (first === undefined) return config;
  throw new SpecError(`${escapeText(file)}, line ${first.line}: ${first.text}.`, problems);
}

/** A member under the name that ko knows it by, in lower case. */
type Members = ReadonlyMap<string, { readonly value: unknown; readonly path: Place }>;

function membersOf(object: JsonObject, at: Place): Members {
  return new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), { value, path: [...at, name] }]));
}

function readMembers(members: Members, reading: Reading): Omit<KoConfig, 'file'> {
  const base = scalar(members, 'defaultbaseimage', reading);
  const platforms = readPlatforms(members, reading);
  return {
    ...(base === undefined || base === '' ? {} : { defaultBaseImage: base }),
    baseImageOverrides: readOverrides(members, reading),
    ...platforms,
    defaultEnv: readEnv(members, 'defaultenv', reading),
    defaultFlags: words(members, 'defaultflags', reading),
    defaultLdflags: words(members, 'defaultldflags', reading),
    builds: readBuilds(members, reading),
  };
}

function readOverrides(members: Members, { wrong }: Reading): ReadonlyMap<string, string> {
  const found = members.get('baseimageoverrides');
  if (found === undefined || found.value === null) return new Map();
  if (!isObject(found.value)) {
    wrong(found.path, 'baseImageOverrides must map import paths to images');
    return new Map();
  }
  const images = new Map<string, string>();
  for (const [name, image] of Object.entries(found.value)) {
    if (typeof image !== 'string') wrong([...found.path, name], 'the image of an import path must be a text');
    else if (image !== '') images.set(name.toLowerCase(), image);
  }
  return images;
}

function readPlatforms(members: Members, reading: Reading): Pick<KoConfig, 'defaultPlatforms' | 'wantsAllPlatforms'> {
  const texts = words(members, 'defaultplatforms', reading).flatMap(({ text }) => text.split(','));
  const wanted = texts.map((text) => text.trim()).filter((text) => text !== '');
  const wantsAllPlatforms = wanted.some((text) => !text.includes('/'));
  if (wanted.length === 0 || wantsAllPlatforms) return { wantsAllPlatforms };
  try {
    return { defaultPlatforms: wanted.map((text) => formatPlatform(parsePlatform(text))), wantsAllPlatforms };
  } catch (error) {
    if (!isOciError(error)) throw error;
    reading.wrong(
      members.get('defaultplatforms')?.path ?? [],
      'a platform is written os/architecture, such as linux/arm64',
    );
    return { wantsAllPlatforms };
  }
}

function readBuilds(members: Members, reading: Reading): readonly KoBuild[] {
  const found = members.get('builds');
  if (found === undefined || found.value === null) return [];
  if (!Array.isArray(found.value) || found.value.length > maxEntries) {
    reading.wrong(found.path, `builds must be a list of at most ${maxEntries} builds`);
    return [];
  }
  const entries: readonly unknown[] = found.value;
  return entries.flatMap((entry, at): readonly KoBuild[] => {
    if (isObject(entry)) return [readBuild(membersOf(entry, [...found.path, at]), [...found.path, at], reading)];
    reading.wrong([...found.path, at], 'a build must have members such as dir and main');
    return [];
  });
}

function readBuild(members: Members, at: Place, reading: Reading): KoBuild {
  const id = scalar(members, 'id', reading);
  const [dir, main] = ['dir', 'main'].map((name) => scalar(members, name, reading) ?? '');
  const folder = packageFolder(dir ?? '', main ?? '');
  if (folder === undefined) reading.wrong(at, 'dir and main must name a folder inside the folder of the file');
  return {
    ...(id === undefined ? {} : { id }),
    folder: folder ?? '.',
    env: readEnv(members, 'env', reading),
    flags: words(members, 'flags', reading),
    ldflags: list(members, 'ldflags', reading),
    hasCapabilities: words(members, 'linux_capabilities', reading).length > 0,
  };
}

/** `main` may name a source file, which stands for the package that it is in. */
function packageFolder(dir: string, main: string): string | undefined {
  const [within, named] = [dir, main].map((text) => text.replaceAll('\\', '/'));
  if (path.posix.isAbsolute(within ?? '') || path.win32.isAbsolute(main)) return undefined;
  const joined = path.posix.join(within ?? '', named ?? '').replace(/\/$/, '');
  const folder = joined.endsWith('.go') ? path.posix.dirname(joined) : joined;
  return folder === '..' || folder.startsWith('../') ? undefined : folder;
}

function readEnv(members: Members, name: string, reading: Reading): readonly string[] {
  return list(members, name, reading).flatMap((entry) => {
    const problem = envProblem(entry.text);
    if (problem === undefined) return [entry.text];
    reading.wrong(members.get(name)?.path ?? [], problem);
    return [];
  });
}

function envProblem(entry: string): string | undefined {
  if (!/^[A-Za-z_]\w*=[^\0]*$/.test(entry)) return 'an environment variable is written NAME=value';
  // What ko refuses too: a program that is run in place of the compiler. A flag may be in quotes.
  const flags = /^GOFLAGS=/i.test(entry) ? entry.slice('GOFLAGS='.length).split(/\s+/) : [];
  if (flags.some((flag) => isToolexec(flag.replace(/^["']/, '')))) return 'GOFLAGS may not set -toolexec';
  const name = entry.slice(0, entry.indexOf('='));
  return choosesPrograms.test(name) ? `${name} may not be set here: it says which programs are run` : undefined;
}

/** Which go is run, which programs it runs in place of its own, and what is loaded into them. */
const choosesPrograms = /^(?:PATH|GOROOT|GOENV|GOTOOLDIR|GOCACHEPROG|GIT_\w+|LD_\w+|DYLD_\w+)$/i;

/** True for the flag that has another program run in place of the compiler, which ko refuses. */
export function isToolexec(flag: string): boolean {
  return /^--?toolexec(?:=|$)/.test(flag);
}

/** A list of texts; one text stands for its words. */
function words(members: Members, name: string, reading: Reading): readonly KoText[] {
  const found = members.get(name);
  if (typeof found?.value !== 'string') return list(members, name, reading);
  const at = reading.places(found.path);
  const texts = found.value.slice(0, maxLength).split(/\s+/);
  return texts.filter((text) => text !== '').map((text) => ({ text, ...at }));
}

/** A list of texts; one text stands for itself. */
function list(members: Members, name: string, reading: Reading): readonly KoText[] {
  const found = members.get(name);
  if (found === undefined || found.value === null) return [];
  const values: readonly unknown[] = Array.isArray(found.value) ? found.value : [found.value];
  if (values.length > maxEntries) reading.wrong(found.path, `${name} has more than ${maxEntries} entries`);
  return values.slice(0, maxEntries).flatMap((value, at) => {
    const place = Array.isArray(found.value) ? [...found.path, at] : found.path;
    const text = textOf(value);
    if (text !== undefined) return [{ text, ...reading.places(place) }];
    reading.wrong(place, `an entry of ${name} must be a text of at most ${maxLength} characters`);
    return [];
  });
}

function scalar(members: Members, name: string, { wrong }: Reading): string | undefined {
  const found = members.get(name);
  if (found === undefined || found.value === null) return undefined;
  const text = textOf(found.value);
  if (text === undefined) wrong(found.path, `${name} must be a text`);
  return text;
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof text === 'string' && text.length <= maxLength && !text.includes('\0') ? text : undefined;
}
