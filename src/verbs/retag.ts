import type { RetagResult } from '../api.ts';
import { OciError } from '../errors.ts';
import { retag } from '../operations/tagImage.ts';
import type { Verb } from './verb.ts';
import { OptionReader } from './options.ts';

/** `retag {image, tags, overwrite?}`. */
export const retagVerb: Verb<RetagResult> = async (value, { stores }, _run, io) => {
  const options = new OptionReader('retag', value);
  const tags = options.texts('tags') ?? [];
  if (tags.length === 0) throw new OciError('invalid-reference', 'retag: the option tags must name at least one tag.');
  const image = await stores.source(options.text('image'), io);
  const overwrite = options.overwrite();
  const { descriptor } = await retag(image.store, image.identifier, tags, { overwrite }, io);
  return { digest: descriptor.digest, tags };
};
