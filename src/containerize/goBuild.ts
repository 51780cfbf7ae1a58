import type { GoDependency } from '../api.ts';
import { uleb } from './elf/armVariant.ts';
import { Fields, type NumberFormat } from './fields.ts';

/** What the Go linker writes of how a program was built (debug/buildinfo). */
export interface GoBuild {
  /** Such as `go1.22.3`. */
  readonly version: string;
  /** The import path of the main package. */
  readonly path?: string;
  readonly module?: string;
  /** GOOS, GOARCH, GOAMD64, CGO_ENABLED, -ldflags, vcs.revision, … */
  readonly settings: Readonly<Record<string, string>>;
  /** The modules that were built into it, in the linker's order. */
  readonly dependencies: readonly GoDependency[];
}

const magic = Buffer.from('\xff Go buildinf:', 'latin1');
const maxModuleBytes = 1 << 20;
const maxSettings = 200;
const maxLines = 20_000;

/** Reads what stands at an address in the program. */
export type ReadAddress = (address: number, size: number) => Promise<Fields>;

/**
 * The build of a Go program, from the section `.go.buildinfo` or the start of its data; undefined for others.
 * @param at for programs of Go before 1.18, which hold addresses. Absent: they are taken for others
 * @throws OciError corrupt-archive
 */
export async function readGoBuild(content: Fields, at?: ReadAddress): Promise<GoBuild | undefined> {
  const start = Buffer.from(content.bytes.buffer, content.bytes.byteOffset, content.length).indexOf(magic);
  if (start < 0) return undefined;
  const [pointerBytes, flags] = [content.u8(start + 14), content.u8(start + 15)];
  if ((flags & 2) === 0) {
    if (at === undefined) return undefined;
    const format: NumberFormat = { endian: (flags & 1) === 0 ? 'little' : 'big', bits: pointerBytes === 4 ? 32 : 64 };
    return readPointers(new Fields(content.bytes.subarray(start + 16), format), at);
  }
  const version = inlineText(content, start + 32);
  const module = inlineText(content, version.end);
  return goBuild(version.bytes, module.bytes);
}

function inlineText(content: Fields, from: number): { readonly bytes: Uint8Array; readonly end: number } {
  const { value, end } = uleb(content, from);
  const size = Math.min(value, maxModuleBytes);
  return { bytes: content.part(end, size).bytes, end: end + size };
}

/** Before Go 1.18: two pointers to strings, each a pointer and a length. */
async function readPointers(pointers: Fields, at: ReadAddress): Promise<GoBuild | undefined> {
  const word = pointers.format.bits / 8;
  const follow = async (pointer: number): Promise<Uint8Array> => {
    if (pointer === 0) return new Uint8Array();
    const header = new Fields((await at(pointer, 2 * word)).bytes, pointers.format);
    const size = Math.min(header.word(word), maxModuleBytes);
    return size === 0 ? new Uint8Array() : (await at(header.word(0), size)).bytes;
  };
  return goBuild(await follow(pointers.word(0)), await follow(pointers.word(word)));
}

function goBuild(version: Uint8Array, module: Uint8Array): GoBuild | undefined {
  if (version.length === 0) return undefined;
  // 16 bytes before and after tell a linker's text from others.
  const isFramed = module.length >= 33 && module[module.length - 17] === 0x0a;
  const lines = (isFramed ? text(module.subarray(16, -16)) : '').split('\n');
  const settings: Record<string, string> = {};
  const dependencies: GoDependency[] = [];
  let [path, mod]: (string | undefined)[] = [];
  for (const line of lines.slice(0, maxLines)) {
    const [kind, value = '', ...more] = line.split('\t', 4);
    if (kind === 'path') path ??= value;
    else if (kind === 'mod') mod ??= value;
    else if (kind === 'dep') dependencies.push(dependency(value, more));
    else if (kind === '=>') replaceLast(dependencies, dependency(value, more));
    else if (kind === 'build' && Object.keys(settings).length < maxSettings) setting(settings, value);
  }
  return {
    version: text(version),
    ...(path === undefined ? {} : { path }),
    ...(mod === undefined ? {} : { module: mod }),
    settings,
    dependencies,
  };
}

function dependency(path: string, [version = '', sum = '']: readonly string[]): GoDependency {
  return { path, version, ...(sum === '' ? {} : { sum }) };
}

/** A line `=>` names what was built in place of the module of the line before. */
function replaceLast(dependencies: GoDependency[], by: GoDependency): void {
  const replaced = dependencies.pop();
  if (replaced !== undefined) dependencies.push({ ...by, replaces: `${replaced.path}@${replaced.version}` });
}

function setting(settings: Record<string, string>, line: string): void {
  const equals = line.indexOf('=');
  const name = line.slice(0, equals);
  // Names are Go's variables and flags: a name such as __proto__ is not kept.
  if (equals > 0 && /^[A-Za-z-][\w.-]*$/.test(name)) settings[name] = line.slice(equals + 1);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
