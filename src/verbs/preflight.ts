import path from 'node:path';
import type { BinaryDescription, PreflightResult, RunOptions } from '../api.ts';
import { describeBinary } from '../containerize/describeBinary.ts';
import { LocalFile } from '../containerize/localFile.ts';
import { BaseFiles } from '../containerize/preflight/baseFiles.ts';
import { preflight } from '../containerize/preflight/preflight.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { formatPlatform } from '../oci/platform.ts';
import { escapeText } from '../oci/reference.ts';
import { layerProgress } from './fileOptions.ts';
import { openFiles } from './openFiles.ts';
import { OptionReader } from './options.ts';
import { programPlatforms } from './programPlatforms.ts';
import type { Verb, VerbContext } from './verb.ts';

/** `preflight {file, base, platform?, to?}`: whether a program of this machine will run on a base. Nothing is run. */
export const preflightVerb: Verb<PreflightResult> = async (value, context, run, io) => {
  const options = new OptionReader('preflight', value);
  options.text('base');
  const name = options.text('file');
  const to = options.optionalText('to') ?? `/app/${path.basename(name)}`;
  if (!to.startsWith('/')) {
    throw new OciError('invalid-reference', `preflight: the option to, ${escapeText(to)}, must be an absolute path.`);
  }
  const source = await LocalFile.open(name, io);
  try {
    const binary = await describeBinary(source, name, io);
    const { files, base } = await openBase(options, binary, context, run, io);
    const result = await preflight({ binary, source, path: to }, files, io);
    return { ...result, base, binary };
  } finally {
    await source.close();
  }
};

async function openBase(
  options: OptionReader,
  binary: BinaryDescription,
  context: VerbContext,
  run: RunOptions,
  io: Io,
): Promise<{ readonly files: BaseFiles; readonly base: PreflightResult['base'] }> {
  if (options.text('base') === 'scratch') {
    return { files: new BaseFiles(), base: { reference: 'scratch', digest: null, platform: null } };
  }
  const preferring = { ...context, platforms: () => programPlatforms(binary, context) };
  const { files, reference } = await openFiles(options, preferring, io, 'base');
  const stack = await files.filesystem(layerProgress(files, run), io);
  const platform = files.config?.platform;
  const base = {
    reference,
    digest: files.descriptor.digest,
    platform: platform === undefined ? null : formatPlatform(platform),
  };
  return { files: new BaseFiles(files, stack), base };
}
