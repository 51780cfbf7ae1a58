import { readFile, stat } from 'node:fs/promises';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { RegistrySetting } from './settingValues.ts';

const maxPemBytes = 4 << 20;

/** PEM texts of one registry's `tls` settings. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads the files that the settings name. @throws OciError not-found naming the file and the setting */
export async function readTlsFiles(setting: RegistrySetting | undefined, io: Io): Promise<TlsFiles> {
  if (setting === undefined) return {};
  const { caFile, certFile, keyFile } = setting;
  const named = Object.entries({ ca: caFile, cert: certFile, key: keyFile });
  const read = await Promise.all(named.map(async ([name, file]) => [name, await readPem(name, file, setting, io)]));
  return Object.fromEntries(read.filter(([, text]) => text !== undefined)) as TlsFiles;
}

async function readPem(
  name: string,
  file: string | undefined,
  { registry }: RegistrySetting,
  io: Io,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    if ((await stat(file)).size > maxPemBytes) throw new Error(`it is larger than ${maxPemBytes} bytes`);
    return await readFile(file, { encoding: 'utf8', signal: io.signal });
  } catch (cause) {
    io.signal.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : 'it cannot be read';
    throw new OciError(
      'not-found',
      `${registry} is not connected to: the file ${file} of its setting tls.${name}File cannot be used (${reason}). Correct gantry.registries.`,
      { cause },
    );
  }
}
