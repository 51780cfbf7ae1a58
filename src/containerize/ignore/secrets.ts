import type { PathFilter } from '../../archive/pack.ts';
import { secretOf } from '../../operations/secretNames.ts';

/** Folders that are left out whole. */
const folders: ReadonlyMap<string, string> = new Map([
  ['.git', 'everything that was ever committed, and the way to the repository'],
  ['.hg', 'everything that was ever committed, and the way to the repository'],
  ['.svn', 'the way to the repository and its files as they were'],
  ['.bzr', 'everything that was ever committed, and the way to the repository'],
  ['.ssh', 'private SSH keys'],
  ['.gnupg', 'private GnuPG keys'],
]);

/** What others published: their keys and settings are test data, and public. */
const packages = /(?:^|\/)(?:node_modules|bower_components|site-packages|dist-packages|\.cargo\/registry)\//;
const vendored = /(?:^|\/)vendor\/.+\.(?:pem|key|p12|pfx|jks|keystore)$/i;

/** Certificates, public keys, certificates to trust: words of a name that ends as a key's may. */
const publicName =
  /(?:^|[-_.])(?:ca|cas|cacerts?|certs?|certificates?|chain|fullchain|roots?|bundle|trust|truststore|pub|public|pubkey|publickey|csr|dhparams?)(?:[-_.]|$)/i;
const privateName = /(?:^|[-_.])(?:key|keys|private|priv|privkey)(?:[-_.]|$)/i;
const holdsKeys = /\.(?:pem|jks|keystore|key)$/i;

/** Settings that are made to be filled in. */
const template = /\.(?:example|sample|template|tmpl|dist|defaults?|schema)$|^\.env\.(?:d\.)?[cm]?[jt]s$/i;

const shapes: readonly (readonly [RegExp, string])[] = [
  [/^\.env(?:rc|\.[\w.-]+)?$/, 'settings with passwords'],
  [/\.tfstate(?:\.\d+)?(?:\.backup)?$/, 'the state of Terraform, which holds secrets in plain text'],
  [/\.(?:p8|pkcs8)$/i, 'a private key'],
  [/\.agekey$/, 'a private key'],
  [/\.ovpn$/, 'access to a VPN'],
];

/**
 * What secret a file or folder of a workspace seems to be by its name, for a sentence; undefined where none. `path` is relative,
 * with `/`. Content is not looked at.
 */
export function secretIn(path: string): string | undefined {
  return secretFolderOf(path)?.what ?? secretFile(path);
}

/** Leaves out what looks like a secret. */
export const withoutSecrets: PathFilter = {
  keeps: (path, isFolder) => secretIn(path) === undefined || (isFolder && secretFolderOf(path) === undefined),
  enters: (path) => secretFolderOf(path) === undefined,
};

/** The outermost folder of the path that is left out whole. */
export function secretFolderOf(path: string): { readonly folder: string; readonly what: string } | undefined {
  const names = path.split('/');
  for (const [at, name] of names.entries()) {
    const what = folders.get(name);
    if (what !== undefined) return { folder: names.slice(0, at + 1).join('/'), what };
  }
  return undefined;
}

function secretFile(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (packages.test(path) || vendored.test(path) || template.test(name)) return undefined;
  if (holdsKeys.test(name) && publicName.test(stem(name)) && !privateName.test(stem(name))) return undefined;
  return secretOf(path) ?? shapes.find(([shape]) => shape.test(name))?.[1];
}

function stem(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}
