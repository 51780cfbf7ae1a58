import type { Compression, ConfigChanges, Healthcheck } from '../api.ts';
import type { LayerFile } from '../archive/pack.ts';
import { OciError } from '../errors.ts';
import { OptionReader } from './options.ts';

/** Owner of added files. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Reads `uid[:gid]`, numbers of 32 bits. @throws OciError invalid-reference */
export function parseOwner(text: string): Owner {
  const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text);
  const uid = Number(match?.[1]);
  const gid = Number(match?.[2] ?? match?.[1]);
  if (match === null || uid > 0xffffffff || gid > 0xffffffff) {
    throw new OciError('invalid-reference', `owner must be uid or uid:gid in numbers, such as 1000:1000.`);
  }
  return { uid, gid };
}

/** Reads octal permissions such as `0755`. @throws OciError invalid-reference */
function parseMode(text: string): number {
  if (!/^(?:0o?)?[0-7]{3,4}$/.test(text)) {
    throw new OciError('invalid-reference', `mode must be octal permissions, such as 0755.`);
  }
  return parseInt(text.replace(/^0o/, ''), 8);
}

/** Reads the `files` of an append. @throws OciError invalid-reference */
export function layerFiles(value: unknown, owner: Owner): readonly LayerFile[] {
  if (!Array.isArray(value)) throw new OciError('invalid-reference', 'files must be a list of {from, to, mode?}.');
  return value.map((entry: unknown) => layerFile(entry, owner));
}

function layerFile(value: unknown, owner: Owner): LayerFile {
  const reader = new OptionReader('files', value);
  const mode = reader.optionalText('mode');
  const paths = { from: reader.text('from'), to: reader.text('to') };
  return { ...paths, ...owner, ...(mode === undefined ? {} : { mode: parseMode(mode) }) };
}

/** Reads `config`. @throws OciError invalid-reference where a member has another type than its own */
export function configChanges(value: unknown): ConfigChanges {
  if (value === undefined) return {};
  const reader = new OptionReader('config', value);
  const lists = ['entrypoint', 'cmd', 'env', 'path', 'ports', 'volumes', 'shell'] as const;
  const texts = ['workdir', 'user', 'stopSignal', 'author'] as const;
  const all: readonly (readonly [keyof ConfigChanges, unknown])[] = [
    ...lists.map((name) => [name, reader.texts(name)] as const),
    ...texts.map((name) => [name, reader.optionalText(name)] as const),
    ['labels', reader.textMap('labels')],
    ['healthcheck', healthcheck(reader.raw('healthcheck'))],
  ];
  const given: Readonly<Record<string, unknown>> = Object.fromEntries(all.filter(([, entry]) => entry !== undefined));
  return given;
}

function healthcheck(value: unknown): Healthcheck | null | undefined {
  if (value === undefined || value === null) return value;
  const reader = new OptionReader('config.healthcheck', value);
  const numbers: Record<string, number> = {};
  for (const name of ['interval', 'timeout', 'startPeriod', 'startInterval', 'retries']) {
    const entry = reader.raw(name);
    if (entry === undefined) continue;
    if (typeof entry !== 'number' || !Number.isSafeInteger(entry) || entry < 0) {
      throw new OciError('invalid-reference', `config.healthcheck: the option ${name} must be a whole number.`);
    }
    numbers[name] = entry;
  }
  return { test: reader.texts('test') ?? [], ...numbers };
}

/** Reads `compression`. @throws OciError invalid-reference */
export function compressionOf(value: string | undefined, fallback: Compression): Compression {
  if (value === undefined) return fallback;
  if (value === 'gzip' || value === 'zstd' || value === 'none') return value;
  throw new OciError('invalid-reference', 'compression must be gzip, zstd or none.');
}
