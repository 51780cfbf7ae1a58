import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { ImageStore, Io } from '../../src/content/store.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { putContent, putJson } from '../support/seededImage.ts';
import { findTool } from '../support/tools.ts';

/** A base whose files are this machine's own: a program, what it is linked to, and folders that it needs beside. */
export interface HostBase {
  /** Absolute paths; links are followed. */
  readonly files: readonly string[];
  /** Patterns of names that are left out. */
  readonly exclude?: readonly string[];
  /** A folder whose content belongs at another place. */
  readonly moved?: { readonly from: string; readonly to: string };
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Stores such a base as an image for this machine's platform and tags it. */
export async function putHostBase(store: ImageStore, tag: string, base: HostBase, io: Io): Promise<void> {
  const tar = tarOf(base);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const config = {
    os: 'linux',
    architecture,
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], User: '65532:65532', ...base.config },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    history: [{ created_by: 'ADD files of this machine' }],
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await putContent(store, Buffer.from(JSON.stringify(config)), mediaTypes.config, io),
    layers: [await putContent(store, tar, mediaTypes.layer, io)],
  };
  await store.tag(await putJson(store, manifest, io), tag, io);
}

function tarOf({ files, exclude = [], moved }: HostBase): Buffer {
  const programs = files.filter((file) => isProgram(file));
  const all = [...new Set([...files, ...programs.flatMap(librariesOf)])].map((file) => path.relative('/', file));
  const common = ['--sort=name', '--owner=0', '--group=0', '--mtime=@0', ...exclude.map((name) => `--exclude=${name}`)];
  const moves = moved === undefined ? [] : [`--transform=s,^${moved.from.slice(1)},${moved.to.slice(1)},`];
  const more = moved === undefined ? [] : [moved.from.slice(1)];
  return execFileSync('tar', ['-C', '/', ...common, ...moves, '-chf', '-', ...all, ...more], {
    maxBuffer: 512 << 20,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function isProgram(file: string): boolean {
  return /\/bin\/[^/]+$/.test(file);
}

/** What the dynamic loader needs to run a program. */
export function librariesOf(program: string): readonly string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/[^\s)]+)/g);
  return [...new Set([...listed].map((match) => match[1] ?? ''))].filter((file) => existsSync(file));
}

/** The smallest Java that the JDK of this machine makes, in `/opt/java`; undefined where it has none to make one. */
export function javaBase(folder: string): HostBase | undefined {
  const jlink = findTool('jlink');
  if (jlink === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  const home = path.join(folder, 'java');
  const options = ['--strip-java-debug-attributes', '--no-header-files', '--no-man-pages', '--output', home];
  execFileSync(jlink, ['--add-modules', 'java.base', ...options], { stdio: 'pipe' });
  const libraries = [`${home}/bin/java`, `${home}/lib/server/libjvm.so`, `${home}/lib/libjli.so`].flatMap(librariesOf);
  return {
    files: libraries.filter((file) => !file.startsWith(home)),
    moved: { from: home, to: '/opt/java' },
    // Without /proc the loader cannot tell where a program is.
    config: { Env: ['PATH=/opt/java/bin:/usr/bin:/bin', 'LD_LIBRARY_PATH=/opt/java/lib:/opt/java/lib/server'] },
  };
}

/** Node.js of this machine, under the name that a PATH finds. */
export function nodeBase(): HostBase | undefined {
  return existsSync('/usr/bin/node') ? { files: ['/usr/bin/node', '/usr/bin/env'] } : undefined;
}

/** The minor version of the system's Python 3; undefined where it has none in the usual place. */
export const pythonMinor = minorOf('/usr/bin/python3');

function minorOf(program: string): number | undefined {
  const minor = existsSync(program) ? /python3\.(\d+)$/.exec(realpathSync(program))?.[1] : undefined;
  return minor === undefined ? undefined : Number(minor);
}

/** The system's Python with the modules that a small program needs. */
export function pythonBase(): HostBase | undefined {
  const library = `/usr/lib/python3.${pythonMinor ?? 0}`;
  if (!existsSync(library)) return undefined;
  const exclude = ['__pycache__', 'test', 'idlelib', 'lib2to3', 'ensurepip', 'config-*', 'tkinter', 'lib-dynload'];
  return { files: ['/usr/bin/python3', '/usr/bin/env', library], exclude };
}

/** A shell and tools, with the C library and what programs in Rust and C++ need beside. */
export function shellBase(): HostBase {
  const folders = ['/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/usr/lib'];
  const more = folders
    .map((folder) => `${folder}/libgcc_s.so.1`)
    .filter((file) => existsSync(file))
    .slice(0, 1);
  return { files: ['/bin/sh', '/bin/cat', '/bin/echo', '/usr/bin/env', ...more] };
}
