import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CredentialOptions } from '../../src/credentials/dockerConfig.ts';
import type { FoundCredential } from '../../src/credentials/credential.ts';

/** A person's machine in a temporary directory: home, a PATH folder for helpers, and what was reported. */
export interface FakeHome {
  readonly home: string;
  readonly bin: string;
  readonly problems: string[];
  /** Writes a file below home and returns its path. */
  write(file: string, content: string | Uint8Array | object): string;
  /** Puts a shell script named `docker-credential-NAME` on PATH. */
  helper(name: string, script: string, folder?: string): void;
  options(more?: Partial<CredentialOptions>): CredentialOptions;
}

export function fakeHome(directory: string): FakeHome {
  const [home, bin] = [path.join(directory, 'home'), path.join(directory, 'bin')];
  for (const folder of [home, bin]) mkdirSync(folder);
  const problems: string[] = [];
  return {
    home,
    bin,
    problems,
    write: (file, content) => {
      const target = path.join(home, file);
      mkdirSync(path.dirname(target), { recursive: true });
      const raw = typeof content === 'string' || content instanceof Uint8Array;
      writeFileSync(target, raw ? content : JSON.stringify(content));
      return target;
    },
    helper: (name, script, folder = bin) => {
      const file = path.join(folder, `docker-credential-${name}`);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    },
    options: (more = {}) => ({
      // /usr/bin and /bin for what the scripts call.
      env: { PATH: `${bin}:/usr/bin:/bin`, ...more.env },
      home,
      platform: process.platform,
      allowHelpers: true,
      helperDirectory: directory,
      onProblem: (text) => problems.push(text),
      ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'env')),
    }),
  };
}

/** `user:password` as `auths` writes it. */
export function auth(text: string): { readonly auth: string } {
  return { auth: Buffer.from(text).toString('base64') };
}

/** What was found in one line: `alice:pw from ~/.docker/config.json`. */
export function shown(found: FoundCredential | undefined): string {
  if (found === undefined) return 'anonymous';
  const { credential, origin } = found;
  const text =
    credential.kind === 'basic'
      ? `${credential.username}:${credential.password}`
      : `${credential.kind} ${credential.token}`;
  return `${text} from ${origin}`;
}
