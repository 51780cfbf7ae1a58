import assert from 'node:assert/strict';
import { secretOf } from '../../src/operations/secretNames.ts';

const secrets: readonly (readonly [string, string])[] = [
  ['root/.ssh/id_rsa', 'a private SSH key'],
  ['id_ed25519', 'a private SSH key'],
  ['home/app/.ssh/identity', 'a private SSH key'],
  ['etc/ssh/ssh_host_ed25519_key', 'the private key of an SSH server, which every container would share'],
  ['app/server.key', 'a private key'],
  ['etc/nginx/TLS.PEM', 'a private key'],
  ['etc/ssl/private/server.pem', 'a private key'],
  ['certs/tls.key', 'a private key'],
  ['app/.env', 'settings with passwords'],
  ['app/.env.production', 'settings with passwords'],
  ['root/.npmrc', 'a token for npm'],
  ['root/.netrc', 'passwords of servers'],
  ['root/.git-credentials', 'passwords of servers'],
  ['root/.aws/credentials', 'access to AWS'],
  ['root/.docker/config.json', 'passwords of registries'],
  ['kaniko/.docker/config.json', 'passwords of registries'],
  ['home/a/.config/containers/auth.json', 'passwords of registries'],
  ['root/.kube/config', 'access to a Kubernetes cluster'],
  ['root/.config/gcloud/credentials.db', 'access to Google Cloud'],
  ['app/store.jks', 'a store of private keys'],
  ['app/client.p12', 'a store of private keys'],
  ['app/client.pfx', 'a store of private keys'],
  ['etc/shadow.bak', 'a copy of the password hashes'],
  ['infra/terraform.tfstate', 'the state of Terraform, which holds secrets in plain text'],
];

const harmless: readonly string[] = [
  '',
  'root/.ssh/id_rsa.pub',
  'root/.ssh/known_hosts',
  'etc/shadow',
  'etc/passwd',
  'etc/ssl/certs/ca-certificates.crt',
  'etc/ssl/certs/ISRG_Root_X1.pem',
  'usr/share/ca-certificates/mozilla/x.pem',
  'etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  'usr/lib/python3/site-packages/certifi/cacert.pem',
  'app/certs/fullchain.pem',
  'app/ca.pem',
  'var/lib/unbound/root.key',
  'usr/share/terminfo/p/p12',
  'usr/lib/python3.12/test/keycert.pem',
  'app/node_modules/x/.npmrc',
  'app/node_modules/x/.env',
  'app/.env.example',
  'app/config.json',
  'app/credentials',
  'app/kube/config',
  'app/x.docker/config.json',
  'app/monkey',
  'app/pem',
];

describe('secretOf', () => {
  for (const [path, what] of secrets) {
    it(`says that ${path} may hold ${what}`, () => {
      assert.equal(secretOf(path), what);
    });
  }

  for (const path of harmless) {
    it(`says nothing of ${path || 'the root'}`, () => {
      assert.equal(secretOf(path), undefined);
    });
  }
});
