import assert from 'node:assert/strict';
import { isJunk } from '../../../src/containerize/ignore/junk.ts';
import { secretFolderOf, secretIn } from '../../../src/containerize/ignore/secrets.ts';

describe('secretIn', () => {
  const secret: readonly (readonly [string, RegExp])[] = [
    ['.env', /^settings with passwords$/],
    ['app/.env.production.local', /^settings with passwords$/],
    ['.envrc', /^settings with passwords$/],
    ['id_rsa', /private SSH key/],
    ['keys/id_ed25519', /private SSH key/],
    ['.npmrc', /token for npm/],
    ['.git', /ever committed/],
    ['.git/config', /ever committed/],
    ['vendor/lib/.git/HEAD', /ever committed/],
    ['node_modules/x/.git', /ever committed/],
    ['.hg/store', /ever committed/],
    ['.svn/wc.db', /files as they were/],
    ['.ssh/config', /private SSH keys/],
    ['.gnupg', /GnuPG/],
    ['.docker/config.json', /passwords of registries/],
    ['home/.aws/credentials', /access to AWS/],
    ['terraform.tfstate', /state of Terraform/],
    ['prod.tfstate', /state of Terraform/],
    ['prod.tfstate.1712.backup', /state of Terraform/],
    ['server.pem', /private key/],
    ['server-key.pem', /private key/],
    ['ca-key.pem', /private key/],
    ['root-ca.private.pem', /private key/],
    ['tls.key', /private key/],
    ['store.p12', /store of private keys/],
    ['client.PFX', /store of private keys/],
    ['release.jks', /store of private keys/],
    ['AuthKey_1.p8', /private key/],
    ['passwords.kdbx', /store of passwords/],
    ['.netrc', /passwords of servers/],
    ['kubeconfig', /Kubernetes/],
    ['office.ovpn', /VPN/],
  ];
  for (const [path, what] of secret) it(`279: knows ${path}`, () => assert.match(secretIn(path) ?? '', what));

  const harmless = [
    'src/index.js',
    'README.md',
    '.gitignore',
    '.gitattributes',
    '.github/workflows/ci.yml',
    '.env.example',
    '.env.sample',
    '.env.d.ts',
    'src/.env.js',
    '.environment',
    'env',
    'ca.pem',
    'certs/server.pem',
    'cert.pem',
    'cacert.pem',
    'corp-ca.pem',
    'server.crt',
    'server-cert.pem',
    'public.pem',
    'jwt.pub.pem',
    'pubkey.pem',
    'dhparam.pem',
    'truststore.jks',
    'node_modules/undici/lib/ca-bundle.pem',
    'node_modules/https-test/key.pem',
    'node_modules/x/.npmrc',
    'node_modules/x/.env',
    '.venv/lib/python3.12/site-packages/certifi/cacert.pem',
    '.venv/lib/python3.12/site-packages/tests/server.key',
    'vendor/golang.org/x/net/server.key',
    'tests/fixtures/server.pem',
    'id_rsa.pub',
    'main.tf',
    'keys.ts',
    'docker/config.json',
    'gitlab/config',
  ];
  for (const path of harmless) it(`279: lets ${path} be`, () => assert.equal(secretIn(path), undefined));

  it('names the outermost folder that is left out whole', () => {
    assert.equal(secretFolderOf('a/.git/x/.svn/y')?.folder, 'a/.git');
    assert.equal(secretFolderOf('a/git/x'), undefined);
  });
});

describe('isJunk', () => {
  const junk = [
    '.DS_Store',
    'a/.DS_Store',
    '._x',
    'a/._photo.jpg',
    'Thumbs.db',
    'THUMBS.DB',
    'desktop.ini',
    'a/__MACOSX',
    '.index.js.swp',
    '.x.swo',
    '.#lock',
    '#draft#',
    'main.c~',
    '.Spotlight-V100',
  ];
  for (const path of junk) it(`290: knows ${path}`, () => assert.equal(isJunk(path), true));
  const kept = [
    '.',
    'a',
    '._',
    '.swp',
    'a.swp',
    'icons.db',
    '#',
    '##',
    '~',
    'a~b',
    '.env',
    '_x',
    'DS_Store',
    'desktop.ini.md',
    '.sw',
  ];
  for (const path of kept) it(`290: lets ${path} be`, () => assert.equal(isJunk(path), false));
});
