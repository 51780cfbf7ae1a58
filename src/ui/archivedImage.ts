import type { LocalImages } from '../browse/localImages.ts';
import { canBeNamed, formatPlace, type LocalPlace, nameOfPlace } from '../browse/places.ts';
import { visibleText } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import { type Choice, askOne } from './prompts.ts';

/** The reference of the only image of a layout or archive, or of the one that is picked. Undefined: given up. @throws OciError */
export async function askArchivedImage(
  local: LocalImages,
  { registry, repository }: LocalPlace,
  title: string,
): Promise<string | undefined> {
  const images = await local.images({ registry, repository }, { signal: AbortSignal.timeout(60_000) });
  const choices = images.flatMap(({ name: tag, descriptor }): readonly Choice<string>[] => {
    if (tag !== undefined && canBeNamed({ registry, repository, tag })) {
      return [{ label: visibleText(tag), value: formatPlace({ registry, repository, tag }) }];
    }
    if (descriptor === undefined) return [];
    const { digest } = descriptor;
    const label = tag === undefined ? shortDigest(digest) : visibleText(tag);
    return [{ label, description: shortDigest(digest), value: formatPlace({ registry, repository, digest }) }];
  });
  // An image without name and digest is known only as the one image of its archive.
  if (images.length === 1) return choices[0]?.value ?? formatPlace({ registry, repository });
  const name = visibleText(nameOfPlace({ registry, repository }));
  if (choices.length === 0) throw new OciError('not-found', `${name} holds no images.`);
  const picked = await askOne(choices, { title, placeholder: `An image of ${name}` });
  return typeof picked === 'string' ? picked : undefined;
}
