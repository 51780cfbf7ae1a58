import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Runs a program that judges our work, and returns what it printed. A failure of it fails the test with its words. */
export function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 << 20 });
}

/** The bytes of a manifest as skopeo gets them. */
export function skopeoRaw(reference: string): Buffer {
  return execFileSync('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${reference}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Copies one platform of an image to an OCI layout with skopeo and unpacks it with umoci. Returns the root file system. */
export async function unpack(reference: string, architecture: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const layout = path.join(folder, `layout-${architecture}`);
  const bundle = path.join(folder, `bundle-${architecture}`);
  run(
    'skopeo',
    '--override-os=linux',
    `--override-arch=${architecture}`,
    'copy',
    '--src-tls-verify=false',
    `docker://${reference}`,
    `oci:${layout}:it`,
  );
  const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
  run('umoci', 'unpack', ...rootless, '--image', `${layout}:it`, bundle);
  return path.join(bundle, 'rootfs');
}
