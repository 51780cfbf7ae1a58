/** What a package-url is made of, as the ecosystem writes it. */
export interface PurlParts {
  readonly type: 'cargo' | 'golang' | 'maven' | 'npm' | 'nuget' | 'oci' | 'pypi';
  /** Segments with `/` between them. */
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  readonly qualifiers?: Readonly<Record<string, string | undefined>>;
}

/** A package-url in its canonical form (package-url specification; the types' own rules from its PURL-TYPES). */
export function purlOf({ type, namespace = '', name, version = '', qualifiers = {} }: PurlParts): string {
  const spell = spelling(type);
  const path = [...spell(namespace).split('/'), spell(name)].filter((segment) => segment !== '').map(encoded);
  const pairs = Object.entries(qualifiers)
    .flatMap(([key, value]) => (value === undefined || value === '' ? [] : [`${key}=${encoded(value)}`]))
    .sort();
  const query = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  return `pkg:${type}/${path.join('/')}${version === '' ? '' : `@${encoded(version)}`}${query}`;
}

function spelling(type: PurlParts['type']): (text: string) => string {
  switch (type) {
    case 'golang':
    case 'npm':
    case 'oci':
      return (text) => text.toLowerCase();
    case 'pypi':
      return (text) => text.toLowerCase().replaceAll('_', '-');
    case 'cargo':
    case 'maven':
    case 'nuget':
      return (text) => text;
  }
}

/** Letters, digits, `-._~` and the colon stay; encodeURIComponent leaves five more, which do not. */
function encoded(text: string): string {
  const sound = text.toWellFormed();
  const escape = (c: string): string => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(sound)
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, escape);
}
