import assert from 'node:assert/strict';
import type { TarEntry } from '../../src/archive/tarEntry.ts';
import { tarEnd, tarEntry } from '../support/tarWriter.ts';
import { entriesIn, readTar } from './readEntries.ts';

/** An entry `n` with seven bytes of content. */
export const file = tarEntry({ name: 'n' }, 'content');

/** Names and types: `name:type`. */
export function seen(...parts: readonly Uint8Array[]): readonly string[] {
  return entriesIn(...parts).map(({ entry }) => `${entry.name}:${entry.typeflag}`);
}

/** The only entry of a tar without an end. */
export function sole(...parts: readonly Uint8Array[]): TarEntry {
  const [first, ...rest] = entriesIn(...parts, tarEnd);
  assert.equal(rest.length, 0);
  assert.ok(first !== undefined);
  return first.entry;
}

/** Reads up to a failure, and returns why. */
export function failure(...parts: readonly Uint8Array[]): string {
  const { failure: reason } = readTar(Buffer.concat(parts));
  assert.ok(reason !== undefined, 'it was read');
  return reason;
}
