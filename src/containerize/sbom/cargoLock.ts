import { parseToml } from '../toml.ts';
import { asObject, objectsIn } from './lockFile.ts';
import { purlOf } from './purl.ts';
import { downloadUrl, hexChecksum, plainLine, type SbomPackage, sbomPackage } from './sbomPackage.ts';

const registry = 'registry+https://github.com/rust-lang/crates.io-index';

/**
 * The crates of a Cargo.lock that come from elsewhere than the workspace. It does not say which are for tests or other
 * systems only: all are given. @throws OciError invalid-spec
 */
export function cargoLockPackages(text: string): readonly SbomPackage[] {
  const lock = asObject(parseToml(text, 'Cargo.lock'), 'Cargo.lock');
  return objectsIn(lock['package']).flatMap((entry) => {
    const [name, version, source] = [plainLine(entry['name']), plainLine(entry['version']), plainLine(entry['source'])];
    if (name === undefined || version === undefined || source === undefined) return [];
    const isGit = source.startsWith('git+');
    const repository = isGit || source === registry ? undefined : source.replace(/^(?:registry|sparse)\+/, '');
    const qualifiers = { repository_url: downloadUrl(repository), vcs_url: isGit ? gitUrl(source) : undefined };
    const purl = purlOf({ type: 'cargo', name, version, qualifiers });
    return [sbomPackage(name, version, purl, { checksums: hexChecksum('SHA256', entry['checksum']) })];
  });
}

/** `git+https://host/repository?branch=main#COMMIT` as purl's vcs_url writes it. */
function gitUrl(source: string): string | undefined {
  const url = downloadUrl(source);
  const commit = /#([0-9a-f]{7,64})$/.exec(source)?.[1];
  return url === undefined || commit === undefined ? url : `${url}@${commit}`;
}
