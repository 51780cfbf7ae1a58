import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GantryApi } from '../../src/api.ts';
import { type TarMember, tarOfMembers } from '../support/archives.ts';
import { seededBytes } from '../support/seededImage.ts';
import { withTempDir } from '../support/tempDir.ts';

/** Files of one layer: path to content; a number is so many bytes that do not compress. */
type Files = Readonly<Record<string, string | number>>;

/** What one layer does. */
interface Step {
  readonly files?: Files;
  /** Octal. */
  readonly mode?: string;
  /** Paths that go away. */
  readonly removed?: readonly string[];
}

const steps: readonly Step[] = [
  {
    files: {
      'etc/os-release': 'NAME="Look"\nVERSION_ID="12"\n',
      'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
      'usr/bin/perl': 1_800_000,
      'usr/bin/tar': 420_000,
      'usr/lib/libc.so.6': 1_900_000,
      'usr/lib/libssl.so.3': 660_000,
      'usr/lib/locale/C.utf8/LC_CTYPE': 350_000,
      'usr/share/zoneinfo/Europe/Paris': 3000,
      'var/lib/dpkg/status': dpkgStatus({ libc6: '2.36-9', openssl: '3.0.15-1', tar: '1.34+dfsg-1.2' }),
    },
  },
  { files: { 'usr/bin/passwd': 64_000, 'usr/bin/sudo': 230_000 }, mode: '4755' },
  {
    files: {
      'var/cache/apt/archives/nginx_1.22.1_amd64.deb': 900_000,
      'usr/sbin/nginx': 1_300_000,
      'etc/nginx/nginx.conf': 'worker_processes 1;\nevents {}\n',
      'var/lib/dpkg/status': dpkgStatus({ libc6: '2.36-9', nginx: '1.22.1-9', openssl: '3.0.15-1' }),
    },
  },
  { files: { 'root/.ssh/id_rsa': '-----BEGIN OPENSSH PRIVATE KEY-----\nnot really\n', 'tmp/build.log': 240_000 } },
  { removed: ['root/.ssh/id_rsa', 'tmp/build.log'] },
  {
    files: {
      'srv/app/server.js': 'import http from "node:http";\nhttp.createServer().listen(8080);\n',
      'srv/app/static/logo.png': 520_000,
      'srv/app/vendor/chart.js': 310_000,
      'srv/www/vendor/chart.js': 310_000,
    },
  },
  { files: { 'srv/app/static/logo.png': 530_000, 'etc/app.conf': 'level = 1\nname = "look"\n' } },
];

const changes: readonly Step[] = [
  {
    files: {
      'etc/app.conf': 'level = 2\nname = "look"\nsecure = true\n',
      'etc/nginx/nginx.conf': 'worker_processes auto;\nevents {}\n',
      'srv/app/server.js': 'import http from "node:http";\nhttp.createServer().listen(9090);\n',
      'srv/app/health.js': 'export const healthy = true;\n',
      'usr/sbin/nginx': 1_310_000,
      'var/lib/dpkg/status': dpkgStatus({ curl: '7.88.1-10', libc6: '2.36-9', nginx: '1.24.0-2' }),
    },
  },
  { removed: ['usr/share/zoneinfo'] },
];

/**
 * Builds `look/app:1.0`, with files that are overwritten, removed, doubled, setuid and secret, and on it `look/app:1.1`,
 * where texts, packages and the config differ.
 */
export async function buildLookImages(gantry: GantryApi, host: string): Promise<void> {
  await withTempDir(async (directory) => {
    for (const [at, step] of [...steps, ...changes].entries()) {
      const tag = at < steps.length ? '1.0' : '1.1';
      const base = at === 0 ? 'scratch' : `${host}/look/app:${at === steps.length ? '1.0' : tag}`;
      const common = { base, target: `${host}/look/app:${tag}`, overwrite: true };
      const config = tag === '1.0' ? configOf('1') : { ...configOf('2'), user: '1000' };
      await gantry.appendLayer({ ...common, config, ...(await filesOf(path.join(directory, String(at)), step)) });
    }
  });
}

function configOf(level: string): { readonly entrypoint: readonly string[]; readonly env: readonly string[] } {
  return { entrypoint: ['/usr/bin/node', '/srv/app/server.js'], env: ['PATH=/usr/sbin:/usr/bin', `LEVEL=${level}`] };
}

type Content = Pick<Parameters<GantryApi['appendLayer']>[0], 'files' | 'tars'>;

async function filesOf(directory: string, { files = {}, mode, removed = [] }: Step): Promise<Content> {
  const found = [];
  for (const [name, content] of Object.entries(files)) {
    const from = path.join(directory, name);
    await mkdir(path.dirname(from), { recursive: true });
    await writeFile(from, typeof content === 'string' ? content : seededBytes(content, content));
    found.push({ from, to: `/${name}`, ...(mode === undefined ? {} : { mode }) });
  }
  if (removed.length === 0) return { files: found };
  const tar = path.join(directory, 'removed.tar');
  await mkdir(directory, { recursive: true });
  await writeFile(tar, tarOfMembers(removed.map(whiteout)));
  return { files: found, tars: [tar] };
}

/** The entry by which a layer removes a path (image-spec layer.md, whiteouts). */
function whiteout(name: string): TarMember {
  return { name: path.posix.join(path.posix.dirname(name), `.wh.${path.posix.basename(name)}`) };
}

function dpkgStatus(versions: Readonly<Record<string, string>>): string {
  const records = Object.entries(versions).map(([name, version]) => {
    return `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`;
  });
  return records.join('\n');
}
