import { blockYaml } from './blockYaml.ts';
import { objectMembers } from './lockFile.ts';
import { isForLinux, npmPackage } from './npmPackage.ts';
import { hexChecksum, plainLine, type SbomPackage } from './sbomPackage.ts';

/**
 * The packages of a yarn.lock, of Yarn 1 and of its successors. It does not say which are for development only: all are
 * given. @throws OciError invalid-spec
 */
export function yarnLockPackages(text: string): readonly SbomPackage[] {
  return /^__metadata:/m.test(text) ? berryPackages(text) : classicPackages(text);
}

function berryPackages(text: string): readonly SbomPackage[] {
  return objectMembers(blockYaml(text)).flatMap(([key, entry]) => {
    if (key === '__metadata' || entry['linkType'] === 'soft' || !isForLinux(systems(entry['conditions']))) return [];
    // A patched package is what was patched.
    const resolution = (plainLine(entry['resolution']) ?? '').replace(/^(@?[^@]+)@patch:.*/, '$1@npm:');
    const at = resolution.indexOf('@', 1);
    if (at < 0 || !resolution.startsWith('npm:', at + 1)) return [];
    return npmPackage({ name: resolution.slice(0, at), version: entry['version'] });
  });
}

/** Of `(os=darwin | os=linux) & cpu=x64` the systems, as package.json lists them. */
function systems(conditions: unknown): readonly string[] {
  return [...(plainLine(conditions) ?? '').matchAll(/(!?)\bos=([\w-]+)/g)].map(
    ([, not, os]) => `${not ?? ''}${os ?? ''}`,
  );
}

/** Yarn 1 has a form of its own: blocks that begin with patterns and a colon, and members indented by two. */
function classicPackages(text: string): readonly SbomPackage[] {
  const found: SbomPackage[] = [];
  let block: Map<string, string> | undefined;
  const close = (): void => {
    if (block !== undefined) found.push(...classicPackage(block));
  };
  for (const line of text.split(/\r?\n/)) {
    const member = /^ {2}"?(version|resolved|integrity)"? +(\S.*)$/.exec(line);
    if (member !== null) block?.set(member[1] ?? '', unquoted(member[2] ?? ''));
    else if (/^[^\s#]/.test(line) && line.endsWith(':')) {
      close();
      block = new Map([['name', nameOf(line)]]);
    }
  }
  close();
  return found;
}

function classicPackage(block: ReadonlyMap<string, string>): readonly SbomPackage[] {
  const resolved = block.get('resolved');
  const hash = resolved?.slice(resolved.indexOf('#') + 1);
  const integrity = block.get('integrity');
  return npmPackage({
    name: block.get('name'),
    version: block.get('version'),
    resolved,
    ...(integrity === undefined ? { checksums: hexChecksum('SHA1', hash) } : { integrity }),
  });
}

/** Of `"@a/b@^1.0.0", "@a/b@^1.1.0":` `@a/b`; of `c@npm:d@^1.0.0:` `d`. */
function nameOf(line: string): string {
  const pattern = unquoted((line.split(/,|:$/, 1)[0] ?? '').trim());
  const at = pattern.indexOf('@', 1);
  const range = pattern.slice(at + 1);
  const alias = /^npm:(@?[^@]+)@/.exec(range)?.[1];
  return alias ?? (at < 0 ? pattern : pattern.slice(0, at));
}

function unquoted(text: string): string {
  return text.replace(/^"|"$/g, '');
}
