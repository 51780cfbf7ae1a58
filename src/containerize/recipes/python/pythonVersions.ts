/** Minor versions of Python 3 that have images, the one that suits most first. */
const minors = [13, 12, 11, 14, 10] as const;
const usual = minors[0];
const maxLength = 500;

/** The minor version in a file .python-version or runtime.txt: `3.12`, `3.12.4`, `cpython-3.12`, `python-3.12.4`. Undefined where it names none. */
export function pinnedMinor(text: string | undefined): number | undefined {
  const [line = ''] = (text ?? '').slice(0, 200).trim().split('\n', 1);
  const found = /^(?:c?python[-@])?3\.(\d{1,2})(?:\.\d{1,3})?$/.exec(line.trim())?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The minor version of a base whose name says it: `python:3.12-slim`, `python3-debian12`. Undefined for others. */
export function minorOfBase(reference: string): number | undefined {
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  const found = /^python:3\.(\d{1,2})(?!\d)/.exec(name)?.[1];
  if (found !== undefined) return Number(found);
  const debian = /^python3-debian(12|13)(?!\d)/.exec(name)?.[1];
  return debian === undefined ? undefined : debian === '12' ? 11 : 13;
}

/** The first of the minor versions that a range allows (PEP 440 specifiers, Poetry's `^3.10`); the usual one where it is not understood. */
export function minorFor(range: string): number {
  return minors.find((minor) => allowsMinor(range, minor)) ?? usual;
}

/** True where a range allows the latest release of 3.`minor`; true for what is not understood. */
export function allowsMinor(range: string, minor: number): boolean {
  if (range.length > maxLength) return true;
  const alternatives = range.split('||');
  return alternatives.some((one) => one.split(',').every((part) => allows(part.trim(), minor)));
}

const specifier = /^(~=|===?|!=|<=|>=|<|>|\^|~)?\s*(\d{1,3})(?:\.(\d{1,3}|\*))?(?:\.(\d{1,3}|\*))?(?:\.\*)?$/;

function allows(part: string, minor: number): boolean {
  const [, sign = '==', first = '', second, third] = specifier.exec(part) ?? [];
  if (first === '') return true;
  const major = Number(first);
  const wanted = second === undefined || second === '*' ? undefined : Number(second);
  if (major !== 3) return major < 3 ? sign.startsWith('>') || sign === '!=' : sign.startsWith('<') || sign === '!=';
  const number = wanted ?? 0;
  const hasPatch = third !== undefined && third !== '*' && Number(third) > 0;
  switch (sign) {
    case '>=':
      return minor >= number;
    case '>':
      return wanted === undefined || third !== undefined ? minor >= number : minor > number;
    case '<=':
      return minor <= number;
    case '<':
      return minor < number || (minor === number && hasPatch);
    case '!=':
      return third !== undefined && third !== '*' ? true : minor !== wanted;
    case '~=':
      return third === undefined ? minor >= number : minor === number;
    case '^':
      return minor >= number;
    default:
      return wanted === undefined || minor === wanted;
  }
}
