import type { FileNode } from '../../archive/layerStack.ts';
import type { PreflightReason } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { buildFor } from '../advice.ts';
import { libcOf, readInterpreter } from '../elf/describeElf.ts';
import { isElf } from '../elf/elfHeader.ts';
import { mayUse, permissions } from './baseUser.ts';
import { missingSymbols, missingVersions } from './checkVersions.ts';
import { GlibcLoader } from './glibcLoader.ts';
import { libraryFix } from './libraryPackages.ts';
import type { LoadedObject, Loader } from './loader.ts';
import { isSameMachine, loadLibraries, type Missing, readObject } from './loadLibraries.ts';
import { MuslLoader } from './muslLoader.ts';
import type { Check, Subject } from './subject.ts';

/** Looks for all that an ELF program needs to be loaded: its interpreter, its libraries, their versions and functions. */
export const checkElf: Check = async (subject, io) => {
  const { source, path } = subject;
  try {
    const program = await readObject(source, { name: path, path, parent: undefined }, io);
    const interpreter = await readInterpreter(program.elf, io);
    return interpreter === undefined ? [] : await checkDynamic(subject, program, interpreter, io);
  } catch (cause) {
    if (!isOciError(cause, 'corrupt-archive', 'too-large')) throw cause;
    return [
      { code: 'damaged-file', effect: 'unknown', text: `${escapeText(path)} could not be read: ${cause.message}` },
    ];
  }
};

async function checkDynamic(
  subject: Subject,
  program: LoadedObject,
  name: string,
  io: Io,
): Promise<readonly PreflightReason[]> {
  const { base, user } = subject;
  const node = base.find(absolute(name, subject));
  if (node?.content === undefined) return [noInterpreter(subject, name)];
  if (!mayUse(base, user, name, permissions.execute)) return [notPermitted(name, user.uid)];
  const interpreter = await openInterpreter(subject, program, name, node, io);
  if (interpreter === undefined) return [foreignInterpreter(name)];
  const loader = await openLoader(subject, name, interpreter, io);
  if (loader === undefined) return [unknownLoader(name)];
  const loaded = await loadLibraries(program, interpreter, { base, user, loader }, io);
  if (loaded.missing.length > 0) return loaded.missing.map((each) => noLibrary(each, loader));
  const versions = loader.libc === 'glibc' ? missingVersions(loaded) : [];
  if (versions.length > 0) return versions;
  return missingSymbols(loaded, loader, (base.variable('LD_BIND_NOW') ?? '') !== '', io);
}

function absolute(name: string, { base }: Subject): string {
  return name.startsWith('/') ? name : `${base.config?.WorkingDir ?? ''}/${name}`;
}

/** The base's loader; undefined for what is no program for the same machine. */
async function openInterpreter(
  { base }: Subject,
  program: LoadedObject,
  name: string,
  node: FileNode,
  io: Io,
): Promise<LoadedObject | undefined> {
  const source = base.source(node);
  if (!isElf(await source.read(0, 64, io))) return undefined;
  const object = await readObject(source, { name, path: `/${node.path}`, parent: undefined }, io);
  return isSameMachine(object.elf, program.elf) ? object : undefined;
}

/** By what the interpreter is, not by what it is called: another library can stand in for glibc's. */
async function openLoader(
  { base }: Subject,
  name: string,
  interpreter: LoadedObject,
  io: Io,
): Promise<Loader | undefined> {
  const soname = interpreter.dynamic?.soname ?? '';
  if (libcOf(name) === 'musl' && /^(?:libc\.|ld-musl)|^$/.test(soname)) return MuslLoader.open(base, name, io);
  return libcOf(soname) === 'glibc' ? GlibcLoader.open(base, interpreter, io) : undefined;
}

function noInterpreter({ base, binary, path }: Subject, name: string): PreflightReason {
  const libc = libcOf(name);
  const kind = libc === null ? '' : `, ${libc}'s loader`;
  const other = libc === 'glibc' ? 'Debian, Ubuntu or distroless/base' : 'Alpine';
  const choose = libc === null ? 'Choose a base that has it' : `Choose a base with ${libc}, such as ${other}`;
  const isOwn = binary.elf !== undefined && base.find(path) === undefined;
  const build =
    isOwn && (binary.go !== undefined || binary.rust !== undefined) ? ` ${buildFor(binary, binary.file)}` : '';
  return {
    code: 'no-interpreter',
    effect: 'fails',
    text: `${escapeText(name)}${kind}, is not in the base: ${escapeText(path)} cannot be started.`,
    fix: `${choose}, or link the program statically.${build}`,
  };
}

function foreignInterpreter(name: string): PreflightReason {
  const text = `${escapeText(name)} of the base is not for the machine of the program: it cannot load it.`;
  return { code: 'no-interpreter', effect: 'fails', text, fix: 'Choose a base for the platform of the program.' };
}

function unknownLoader(name: string): PreflightReason {
  const text = `Which libraries ${escapeText(name)} of the base finds is not known: it is neither glibc's loader nor musl's.`;
  return { code: 'not-checked', effect: 'unknown', text };
}

/** A reason for what the image's user may not do. */
export function notPermitted(path: string, uid: number): PreflightReason {
  return {
    code: 'not-permitted',
    effect: 'fails',
    text: `The user of the base (${uid}) may not run ${escapeText(path)}.`,
    fix: 'Choose another user, or a base in which everybody may.',
  };
}

function noLibrary({ name, by, why, unusable }: Missing, { libc }: Loader): PreflightReason {
  const what = escapeText(name);
  if (why === 'too-large') {
    return { code: 'not-checked', effect: 'unknown', text: `${what} is in the base, but too large to be looked into.` };
  }
  if (why === 'damaged') {
    const text = `${escapeText(unusable ?? name)} of the base is no library that can be loaded, and ${byWhom(by)} needs it.`;
    return { code: 'damaged-library', effect: 'fails', text, fix: 'Choose another base.' };
  }
  const but = unusable === undefined ? '' : ` (${escapeText(unusable)} is for another machine, or may not be read)`;
  const text = `${what} is missing in the base${but}: ${byWhom(by)} needs it.`;
  return { code: 'no-library', effect: 'fails', text, fix: libraryFix(name, libc) };
}

function byWhom({ path, parent }: LoadedObject): string {
  return parent === undefined ? 'the program' : escapeText(path);
}
