import { isTag, parseReference, type Reference } from '../oci/reference.ts';
import { nameOfPlace } from './places.ts';

/** What an image of a layout or archive is called in a registry: by its name there, or by the name of the file. */
export function pushedName({ tag, ...place }: Reference): { readonly repository: string; readonly tag: string } {
  const file = cleaned(nameOfPlace(place).replace(/\.(?:tar|tgz|gz|zst|zstd|xz)(?=\.|$)/gi, ''));
  if (tag === undefined) return { repository: file, tag: 'latest' };
  if (isTag(tag)) return { repository: file, tag };
  try {
    const named = parseReference(tag);
    return { repository: named.repository.replace(/^library\//, ''), tag: named.tag ?? 'latest' };
  } catch {
    return { repository: file, tag: 'latest' };
  }
}

function cleaned(name: string): string {
  const clean = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return clean === '' ? 'image' : clean;
}
