import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { packLayer, type PackedLayer } from '../../../../src/archive/pack.ts';
import { Spool } from '../../../../src/archive/spool.ts';
import type { ImageBlueprint } from '../../../../src/containerize/blueprint.ts';
import type { Io } from '../../../../src/content/store.ts';

/** Writes files by their paths below a folder. */
export function writeTree(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}

/** A blueprint's layers, unpacked over each other by tar, and what each layer holds. */
export interface Unpacked {
  readonly root: string;
  readonly layers: ReadonlyMap<string, { readonly digest: string; readonly paths: readonly string[] }>;
}

/** Packs every layer of a blueprint and unpacks them into a new folder of `scratch`. */
export async function unpack(blueprint: ImageBlueprint, scratch: string, io: Io): Promise<Unpacked> {
  const root = fs.mkdtempSync(path.join(scratch, 'root-'));
  const layers = new Map<string, { digest: string; paths: readonly string[] }>();
  await using spool = new Spool(path.join(scratch, 'spool'));
  for (const { name, platform, files } of blueprint.layers) {
    const packed: PackedLayer = await packLayer(files, { compression: 'none' }, spool, io);
    const tar = path.join(root, '..', 'layer.tar');
    fs.writeFileSync(tar, await buffer(await packed.open()));
    execFileSync('tar', ['-xf', tar, '-C', root]);
    const listed = execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).split('\n');
    const key = platform === undefined ? name : `${name} ${platform}`;
    layers.set(key, { digest: packed.digest, paths: listed.filter((one) => one !== '' && !one.endsWith('/')) });
  }
  return { root, layers };
}

/** Runs a program in the place of an unpacked image that the image would run it in; gives what it prints. */
export function runIn(
  root: string,
  workdir: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): string {
  const cwd = path.join(root, workdir);
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: process.env['PATH'], ...env },
  });
}
