import { createHash, randomBytes, type Hash } from 'node:crypto';
import { OciError } from '../errors.ts';

/** `algorithm:encoded` of the image-spec's descriptor.md, of an algorithm this program can verify: sha256 or sha512. */
export type Digest = `${'sha256' | 'sha512'}:${string}`;

const verifiable = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;
const grammatical = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && verifiable.test(text);
}

/** @throws OciError invalid-digest, which tells a malformed digest from one of an algorithm that cannot be verified. */
export function parseDigest(text: unknown): Digest {
  if (isDigest(text)) return text;
  // An object from JSON may have a toString that is no function.
  const shown = typeof text === 'string' ? JSON.stringify(text.slice(0, 100)) : `what is no text (${typeof text})`;
  const algorithm = typeof text === 'string' && text.length < 300 && grammatical.test(text) ? text.split(':')[0] : '';
  if (algorithm !== '' && algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw new OciError('invalid-digest', `cannot verify ${algorithm} digests: ${shown}. Use sha256 or sha512.`);
  }
  throw new OciError('invalid-digest', `${shown} is not a digest. A digest is sha256: and 64 lower-case hex digits.`);
}

/** The sha256 digest of bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Hashes a stream piece by piece; `digest()` may be called once, at the end. */
export class Hasher {
  readonly #algorithm: 'sha256' | 'sha512';
  readonly #hash: Hash;

  constructor(algorithm: 'sha256' | 'sha512' = 'sha256') {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  digest(): Digest {
    return `${this.#algorithm}:${this.#hash.digest('hex')}`;
  }
}

/** The checksums that SPDX wants of a file, in hex. SHA-1 is for that alone and never a digest. */
export interface FileChecksums {
  readonly sha1: string;
  readonly sha256: string;
}

/** Makes the checksums of a file piece by piece; `checksums()` may be called once, at the end. */
export class FileHasher {
  readonly #sha1 = createHash('sha1');
  readonly #sha256 = createHash('sha256');

  update(chunk: Uint8Array): void {
    this.#sha1.update(chunk);
    this.#sha256.update(chunk);
  }

  checksums(): FileChecksums {
    return { sha1: this.#sha1.digest('hex'), sha256: this.#sha256.digest('hex') };
  }
}

export function algorithmOf(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The part after the colon. */
export function encodedOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** `sha256:` and the first 12 hex digits: for people, never for look-ups. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':');
  return digest.slice(0, colon + 13);
}

/** A name nobody can guess, in hex: for temporary files, upload sessions and secrets of this process. */
export function randomName(bytes = 16): string {
  return randomBytes(bytes).toString('hex');
}
