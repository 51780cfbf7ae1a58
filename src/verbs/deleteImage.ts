import type { DeleteImageResult } from '../api.ts';
import { deleteImage } from '../operations/deleteImage.ts';
import type { Verb } from './verb.ts';
import { OptionReader } from './options.ts';

/** `deleteImage {image, untagOnly?}`. */
export const deleteVerb: Verb<DeleteImageResult> = async (value, { stores }, _run, io) => {
  const options = new OptionReader('deleteImage', value);
  const image = await stores.source(options.text('image'), io);
  return deleteImage(image.store, image.identifier, { untagOnly: options.flag('untagOnly') }, io);
};
