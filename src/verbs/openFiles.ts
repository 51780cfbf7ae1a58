import { parsePlatform } from '../oci/platform.ts';
import type { Io } from '../content/store.ts';
import { ImageFiles } from '../operations/imageFiles.ts';
import type { OptionReader } from './options.ts';
import type { VerbContext } from './verb.ts';

/** An image's files with the full spelling of its reference. */
export interface NamedFiles {
  readonly reference: string;
  readonly files: ImageFiles;
}

/** Opens the image that the option `name` (default `image`) and the option `platform` say. @throws OciError */
export async function openFiles(
  options: OptionReader,
  { stores, platforms, layers }: VerbContext,
  io: Io,
  name = 'image',
): Promise<NamedFiles> {
  const platform = options.optionalText('platform');
  const { store, identifier, name: reference } = await stores.source(options.text(name), io);
  const prefer = platforms().map(parsePlatform);
  const wanted = platform === undefined ? { prefer } : { prefer, platform: parsePlatform(platform) };
  return { reference, files: await ImageFiles.open(store, identifier, wanted, layers, io) };
}
