/** The annotations in which builders say what an image was built on (image-spec annotations.md). */
const baseName = 'org.opencontainers.image.base.name';
const baseDigest = 'org.opencontainers.image.base.digest';

/** What a builder noted as the base, by its digest where that is noted too. Hostile; `''` where nothing is noted. */
export function notedBase(annotations: Readonly<Record<string, string>>): string {
  const name = annotations[baseName] ?? '';
  const digest = annotations[baseDigest];
  return name === '' || digest === undefined ? name : `${withoutTag(withoutDigest(name))}@${digest}`;
}

/** Where the reference of an image to compare with another begins: up to where its tag is written. */
export function besides(reference: string): string {
  const named = withoutDigest(reference);
  const bare = withoutTag(named);
  return bare === named ? named : `${bare}:`;
}

function withoutDigest(reference: string): string {
  return reference.replace(/@sha\d+:[0-9a-f]+$/, '');
}

function withoutTag(reference: string): string {
  const [slash, colon] = [reference.lastIndexOf('/'), reference.lastIndexOf(':')];
  return slash >= 0 && colon > slash ? reference.slice(0, colon) : reference;
}
