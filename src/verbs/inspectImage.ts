import type { InspectImageResult } from '../api.ts';
import { parsePlatform } from '../oci/platform.ts';
import { inspectImage } from '../operations/inspect.ts';
import type { Verb } from './verb.ts';
import { OptionReader } from './options.ts';

/** `inspectImage {image, platform?}`. */
export const inspectVerb: Verb<InspectImageResult> = async (value, { stores, platforms }, _run, io) => {
  const options = new OptionReader('inspectImage', value);
  const platform = options.optionalText('platform');
  const image = await stores.source(options.text('image'), io);
  const prefer = platforms().map(parsePlatform);
  const wanted = platform === undefined ? { prefer } : { prefer, platform: parsePlatform(platform) };
  return { reference: image.name, ...(await inspectImage(image.store, image.identifier, wanted, io)) };
};
