import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { readFileBounded } from '../layout/layoutIndex.ts';
import type { LayoutFiles } from '../layout/openLayout.ts';
import { digestOf, randomName } from '../oci/digest.ts';
import { isObject, parseJson } from '../oci/json.ts';

/** What servers over one folder know of each other: the port of the last one, and a secret of this user. */
export interface Address {
  readonly port: number;
  readonly secret: string;
}

const challengeGrammar = /^[a-f0-9]{32}$/;
const probeMilliseconds = 2000;

/** The remembered address of a folder; port 0 and a new secret where there is none. */
export async function readAddress(folder: string): Promise<Address> {
  try {
    const json = parseJson(await readFileBounded(fileOf(folder), 4096, folder), 'the address of the local registry');
    const { port, secret } = isObject(json) ? json : {};
    if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 && typeof secret === 'string') {
      return { port, secret };
    }
  } catch {
    // A file that is missing or damaged is written anew.
  }
  return { port: 0, secret: randomName() };
}

/** Remembers the address, for this user's eyes only. */
export async function writeAddress({ root, scratch }: LayoutFiles, address: Address): Promise<void> {
  const file = fileOf(root);
  await mkdir(path.dirname(file), { recursive: true });
  await scratch.replaceFile(file, Buffer.from(JSON.stringify(address)), { mode: 0o600 });
}

function fileOf(folder: string): string {
  return path.join(folder, '.registry', 'address.json');
}

/** The answer to a challenge, which proves the secret without showing it; undefined for what is no challenge. */
export function proofOf(challenge: unknown, secret: string): string | undefined {
  return typeof challenge === 'string' && challengeGrammar.test(challenge)
    ? digestOf(Buffer.from(`${secret}:${challenge}`))
    : undefined;
}

/** True where the server at this port is one over the same folder, of another window or process. */
export async function isServing({ port, secret }: Address): Promise<boolean> {
  if (port === 0) return false;
  const challenge = randomName();
  return new Promise((resolve) => {
    const headers = { 'gantry-challenge': challenge };
    const probe = request({ host: '127.0.0.1', port, path: '/v2/', headers, agent: false, timeout: probeMilliseconds });
    probe.once('response', (response) => {
      response.resume();
      resolve(response.headers['gantry-proof'] === proofOf(challenge, secret));
    });
    probe.once('timeout', () => probe.destroy());
    probe.once('error', () => resolve(false));
    probe.once('close', () => resolve(false));
    probe.end();
  });
}
