import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '../../src/oci/json.ts';
import { findTool } from './tools.ts';

const isRoot = process.getuid?.() === 0;

/** How commands get the rights that chroot needs; undefined where they cannot. Only a build machine is asked by sudo. */
function asRoot(): readonly string[] | undefined {
  if (isRoot) return [];
  const mayAsk = process.env['CI'] === 'true' && findTool('sudo') !== undefined;
  return mayAsk && spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
}

/** Why nothing can be run here as in a container; undefined where it can. */
export function whyNoChroot(): string | undefined {
  return asRoot() === undefined ? 'needs root for chroot' : undefined;
}

/** How a container of an image is started, as umoci understands its config. */
export interface Bundle {
  readonly rootfs: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
}

/** Unpacks a tag of an OCI layout with umoci into a folder that is not there yet. The tag names one image, or an index of one. */
export function unpackBundle(layout: string, tag: string, folder: string): Bundle {
  const args = ['unpack', ...(isRoot ? [] : ['--rootless']), '--image', `${layout}:${tag}`, folder];
  execFileSync('umoci', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const json: unknown = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8'));
  const started = isObject(json) && isObject(json['process']) ? json['process'] : {};
  const user = isObject(started['user']) ? started['user'] : {};
  return {
    rootfs: path.join(folder, 'rootfs'),
    args: texts(started['args']),
    env: texts(started['env']),
    cwd: String(started['cwd']),
    user: `${String(user['uid'])}:${String(user['gid'])}`,
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** What a container printed, and how it ended; null where a signal ended it. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts what an unpacked image starts, as its user and with its environment, with its files as all there is. */
export function runBundle({ rootfs, args, env, user }: Bundle, emulator?: string): Run {
  const started = emulator === undefined ? args : emulated(rootfs, args);
  if (emulator !== undefined) copyFileSync(emulator, path.join(rootfs, 'emulator'));
  // chroot hands its environment on.
  const words = ['env', '-i', ...env, findTool('chroot') ?? 'chroot', `--userspec=${user}`, rootfs, ...started];
  const [command = '', ...rest] = [...(asRoot() ?? []), ...words];
  const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', timeout: 20_000 });
  if (emulator !== undefined) rmSync(path.join(rootfs, 'emulator'));
  return { status, stdout, stderr };
}

/** Removes what `unpackBundle` made. */
export function removeBundle({ rootfs }: Bundle): void {
  rmSync(path.dirname(rootfs), { recursive: true, force: true });
}

/** An emulator loads programs only: of a script it is told what Linux would run, and the script as its argument. */
function emulated(rootfs: string, args: readonly string[]): readonly string[] {
  const [program = '', ...rest] = args;
  const head = readFileSync(path.join(rootfs, program)).subarray(0, 256).toString('latin1');
  const [, interpreter, argument] = /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*)/.exec(head) ?? [];
  const script = interpreter === undefined ? [] : [interpreter, ...(argument === '' ? [] : [argument ?? ''])];
  return ['/emulator', ...script, program, ...rest];
}

/** True where this machine starts programs of another architecture by itself. */
export function startsForeign(architecture: string): boolean {
  const names: Readonly<Record<string, string>> = { arm64: 'qemu-aarch64', amd64: 'qemu-x86_64' };
  try {
    const text = readFileSync(`/proc/sys/fs/binfmt_misc/${names[architecture] ?? architecture}`, 'utf8');
    return text.startsWith('enabled');
  } catch {
    return false;
  }
}
