import { isOciError } from '../../errors.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import { purlOf } from './purl.ts';

/** An image as a document names it. */
export interface NamedImage {
  /** A reference, with or without a tag, or any other name. */
  readonly name: string;
  readonly digest: string;
  /** Such as `linux/arm64`. */
  readonly platform?: string;
}

/** What stands before a path of this machine. */
const onDisk = /^(?:oci|oci-archive|docker-archive):/;

/** The package-url of an image (type `oci`): its repository only where the name is a reference. */
export function imagePurl({ name, digest, platform }: NamedImage): string {
  const repository = repositoryOf(name);
  const last = lastPart(repository ?? publicName(name));
  const qualifiers = { repository_url: repository, arch: platform?.split('/')[1] };
  return purlOf({ type: 'oci', name: last, version: digest, qualifiers });
}

/** `registry/repository`, without tag and digest; undefined for what is no reference. */
export function repositoryOf(name: string): string | undefined {
  if (onDisk.test(name)) return undefined;
  try {
    const { registry, repository } = parseReference(name);
    return formatReference({ registry, repository });
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}

/**
 * What an image may be called in a document that is given to others: the reference itself; of a layout or archive, which a
 * path of this machine names, the last part of that path.
 */
export function publicName(name: string): string {
  if (repositoryOf(name) !== undefined) return name;
  const place = name.replace(onDisk, '').replace(/@sha(?:256|512):[0-9a-f]+$/, '');
  return lastPart(place.replace(/:[\w.-]*$/, ''));
}

function lastPart(name: string): string {
  return name.split(/[/\\]/).findLast((part) => part !== '') ?? 'image';
}
