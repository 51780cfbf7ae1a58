import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Io } from '../../../src/content/store.ts';
import type { ImageBlueprint } from '../../../src/containerize/blueprint.ts';
import {
  type DockerfileOptions,
  dockerfileBlueprint,
} from '../../../src/containerize/dockerfile/dockerfileBlueprint.ts';
import { scratchBase } from '../../../src/containerize/dockerfile/stageBase.ts';
import { SpecError } from '../../../src/errors.ts';
import { testIo } from '../../support/io.ts';
import { packedEntries, type ReadEntry } from '../../support/layerTools.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';

/** The files of the context that the tests build in; `bin/` ones are executable. */
const contents: Readonly<Record<string, string>> = {
  'a.txt': 'a',
  'b.txt': 'b',
  'notes.md': '# notes',
  'with space.txt': 'space',
  'bin/run.sh': '#!/bin/sh\n',
  'dir/one.js': '1',
  'dir/two.ts': '2',
  'dir/sub/three.js': '3',
  'dir/sub/deep/four.js': '4',
  'other/one.js': 'other one',
  'other/five.js': '5',
  'stage/out/app': '#!/bin/true\n',
  'stage/out/lib/x.so': 'so',
};

/** Writes the context with modes that any builder keeps. */
export function writeContext(folder: string): void {
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    fs.chmodSync(file, name.startsWith('bin/') ? 0o755 : 0o644);
  }
  fs.symlinkSync('a.txt', path.join(folder, 'link.txt'));
  fs.symlinkSync('dir', path.join(folder, 'linked'));
  fs.symlinkSync('two.ts', path.join(folder, 'dir/rel.ts'));
  for (const each of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (each.isDirectory()) fs.chmodSync(path.join(each.parentPath, each.name), 0o755);
  }
}

/** The blueprint of a Dockerfile's text in a folder. */
export async function blueprintOf(
  folder: string,
  text: string,
  options: Partial<DockerfileOptions>,
  io: Io,
): Promise<ImageBlueprint> {
  const file = path.join(folder, '..', `${path.basename(folder)}.Dockerfile`);
  fs.writeFileSync(file, text);
  const base = async (): Promise<typeof scratchBase> => scratchBase;
  const common = { dockerfile: file, context: folder, args: {}, stages: {}, platforms: ['linux/amd64'], base };
  return dockerfileBlueprint({ ...common, ...options }, io);
}

/** An entry as `path type mode owner content-or-link`; the kind of file is no part of the mode. */
export function lineOf({ name, type, mode, owner, content, link }: ReadEntry): string {
  const permissions = (parseInt(mode, 8) & 0o7777).toString(8);
  return [name, type, permissions, owner, JSON.stringify(link === '' ? content : link)].join(' ');
}

/** What all layers come to on scratch, sorted. */
export async function filesOf({ layers }: ImageBlueprint): Promise<readonly string[]> {
  const merged = new Map<string, string>();
  for (const { files } of layers) {
    for (const entry of await packedEntries(files, { onto: 'scratch' })) merged.set(entry.name, lineOf(entry));
  }
  return [...merged.values()].sort();
}

/** Only the places of files and links. */
export function placesOf(files: readonly string[]): readonly string[] {
  return files.filter((line) => !line.includes(' directory ')).map((line) => line.split(' ')[0] ?? '');
}

type MakeOptions = Partial<DockerfileOptions>;

/** What the tests of a suite work with: the context is another one for each. */
export interface ContextOfTests {
  /** `context` is a folder in `root`. */
  readonly here: { root: string; context: string };
  readonly make: (lines: readonly string[], options?: MakeOptions) => Promise<ImageBlueprint>;
  /** What is wrong with a Dockerfile, each problem as `line:column text`. */
  readonly problems: (lines: readonly string[], options?: MakeOptions) => Promise<readonly string[]>;
}

/** Gives each test of a suite a context of its own. */
export function useContext(): ContextOfTests {
  const here = { root: '', context: '' };
  beforeEach(async function () {
    // Modes and links are those of a POSIX system.
    if (process.platform === 'win32') this.skip();
    here.root = await newTempDir();
    here.context = path.join(here.root, 'context');
    fs.mkdirSync(here.context);
    writeContext(here.context);
  });
  afterEach(() => removeTempDir(here.root));
  const make: ContextOfTests['make'] = (lines, options = {}) =>
    blueprintOf(here.context, lines.join('\n'), options, testIo());
  const problems: ContextOfTests['problems'] = async (lines, options) => {
    try {
      await make(lines, options);
    } catch (error) {
      assert.ok(error instanceof SpecError, String(error));
      return error.problems.map(({ line, column, text }) => `${line}:${column} ${text}`);
    }
    return [];
  };
  return { here, make, problems };
}
