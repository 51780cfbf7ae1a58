/** A requirement of a package (PEP 508): what is installed, with which extras. */
export interface Requirement {
  /** Normalised as PEP 503 says: `typing-extensions`. */
  readonly name: string;
  readonly extras: readonly string[];
  /** The extra of the requiring package that asks for it; absent where it is always needed. */
  readonly forExtra?: string;
  /** It is needed on some systems only: where it is not installed, it is not missed. */
  readonly isConditional: boolean;
}

const maxLength = 2_000;
/** No blanks may be taken in two ways: else the time for a long run of them grows with its cube. */
const shape = /^([A-Za-z0-9][\w.-]{0,200})(?:\s*\[([^\]]{0,500})\])?\s*(?:(?:\(\s*)?(?:[<>=!~]|$|;)|@\s)/;

/** One spelling of a package's name (PEP 503). */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Reads a requirement; undefined for options, paths and addresses, which name no package. */
export function parseRequirement(text: string): Requirement | undefined {
  const line = text.slice(0, maxLength).trim();
  const semicolon = line.indexOf(';');
  const [, name, extras = ''] = shape.exec(semicolon < 0 ? line : line.slice(0, semicolon + 1)) ?? [];
  if (name === undefined) return undefined;
  const marker = semicolon < 0 ? '' : line.slice(semicolon + 1);
  const forExtra = /\bextra\s{0,5}==\s{0,5}['"]([\w.-]{1,200})['"]/.exec(marker)?.[1];
  return {
    name: normalName(name),
    extras: extras
      .split(',')
      .map((one) => normalName(one.trim()))
      .filter((one) => one !== ''),
    ...(forExtra === undefined ? {} : { forExtra: normalName(forExtra) }),
    isConditional: marker !== '',
  };
}

/** The requirements of a requirements.txt; undefined where it names others by files, addresses or paths. */
export function requirementsOf(text: string): readonly Requirement[] | undefined {
  const found: Requirement[] = [];
  for (const raw of text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .slice(0, 20_000)) {
    const line = raw
      .replace(/(?:^|\s)#[^]*$/, '')
      .replace(/\s--hash=\S+/g, '')
      .trim();
    if (
      line === '' ||
      /^(?:--(?:index-url|extra-index-url|trusted-host|no-binary|only-binary|prefer-binary|require-hashes|pre)|-i)\b/.test(
        line,
      )
    )
      continue;
    const one = parseRequirement(line);
    if (one === undefined) return undefined;
    found.push(one);
  }
  return found;
}

/** True for a requirement that may be given to pip, as an argument or in a file: none that holds an option or a path for it. */
export function isPlainRequirement(text: string): boolean {
  const isOneLine = text.length <= maxLength && !/[\0\r\n\\#]|\s-/.test(text);
  return isOneLine && !text.includes('@') && parseRequirement(text) !== undefined;
}
