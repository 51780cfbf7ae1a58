import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild, type TestChild } from './childProcess.ts';
import { newTempDir, removeTempDir } from './tempDir.ts';
import { findTool } from './tools.ts';

/** What a registry with `auth: token` must know of its token service. */
export interface TokenAuth {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM file with the certificate that signs tokens. */
  readonly certFile: string;
}

export interface DockerRegistryOptions {
  readonly auth?: 'htpasswd' | TokenAuth;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Whether manifests and blobs may be deleted. Default: true. */
  readonly delete?: boolean;
  /** Where images are kept; made and removed by `stop()` where it is absent. */
  readonly directory?: string;
}

/** A real `docker-registry` on loopback. */
export interface RunningRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Its storage root. */
  readonly directory: string;
  readonly log: () => string;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** The one user of `auth: 'htpasswd'`. */
export const htpasswdUser = { username: 'alice', password: 'wonder:land' } as const;
const htpasswdLine = 'alice:$2y$04$RBqIJOv7V601aKKkeIjihuMPTCMSFGiVisFv5mnhW2F7f2lHXJhX6';

/** Starts a registry on a free port; returns when `/v2/` answers. Killed with this process at the latest. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<RunningRegistry> {
  const program = findTool('docker-registry');
  if (program === undefined) throw new Error('docker-registry is not on PATH: apt-get install docker-registry');
  const home = await newTempDir();
  const directory = options.directory ?? path.join(home, 'storage');
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(home, 'htpasswd'), `${htpasswdLine}\n`);
  for (let tries = 0; ; tries++) {
    const host = `127.0.0.1:${await freePort()}`;
    await writeFile(path.join(home, 'config.yml'), JSON.stringify(configuration(host, directory, home, options)));
    const child = startChild(program, ['serve', path.join(home, 'config.yml')], home);
    if (await isReady(child, host, options.tls === undefined ? 'http' : 'https')) {
      return {
        host,
        directory,
        log: child.output,
        kill: (signal) => child.kill(signal),
        stop: async () => {
          await child.stop();
          await removeTempDir(home);
        },
      };
    }
    await child.stop();
    if (tries < 4 && child.output().includes('address already in use')) continue;
    await removeTempDir(home);
    throw new Error(`docker-registry did not start: ${child.output()}`);
  }
}

/** The registry's configuration as an object: JSON is YAML. */
function configuration(host: string, directory: string, home: string, options: DockerRegistryOptions): object {
  const { auth, tls } = options;
  return {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: directory },
      delete: { enabled: options.delete ?? true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: host,
      // Fixed, so that upload sessions survive a restart.
      secret: 'a-secret-of-the-tests',
      ...(tls === undefined ? {} : { tls: { certificate: tls.certFile, key: tls.keyFile } }),
    },
    ...(auth === undefined
      ? {}
      : auth === 'htpasswd'
        ? { auth: { htpasswd: { realm: 'tests', path: path.join(home, 'htpasswd') } } }
        : {
            auth: {
              token: {
                realm: auth.realm,
                service: auth.service,
                issuer: auth.issuer,
                rootcertbundle: auth.certFile,
              },
            },
          }),
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function isReady(child: TestChild, host: string, scheme: 'http' | 'https'): Promise<boolean> {
  const end = Date.now() + 15_000;
  while (Date.now() < end && !child.hasEnded()) {
    if (await answers(new URL(`${scheme}://${host}/v2/`))) return true;
    await delay(15);
  }
  return false;
}

function answers(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { agent: false, timeout: 2000, rejectUnauthorized: false };
    const request = (url.protocol === 'https:' ? https : http).get(url, options, (response) => {
      response.resume().once('close', () => resolve(true));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
