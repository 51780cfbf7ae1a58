import assert from 'node:assert/strict';
import { comparableName, parseLocalReference } from '../../src/layout/localReference.ts';

const digest = `sha256:${'a'.repeat(64)}` as const;

describe('parseLocalReference', () => {
  const good: readonly (readonly [string, object])[] = [
    ['oci:/home/me/image', { transport: 'oci', path: '/home/me/image', tag: undefined }],
    ['oci:/home/me/image:v1', { transport: 'oci', path: '/home/me/image', tag: 'v1' }],
    ['oci:relative/image:latest', { transport: 'oci', path: 'relative/image', tag: 'latest' }],
    ['oci:image', { transport: 'oci', path: 'image', tag: undefined }],
    ['oci:/a b/ü:v1', { transport: 'oci', path: '/a b/ü', tag: 'v1' }],
    ['oci:/store:team/app:v1', { transport: 'oci', path: '/store', tag: 'team/app:v1' }],
    ['oci:C:\\images\\app', { transport: 'oci', path: 'C:\\images\\app', tag: undefined }],
    ['oci:C:\\images\\app:v1', { transport: 'oci', path: 'C:\\images\\app', tag: 'v1' }],
    ['oci:c:/images/app:v1', { transport: 'oci', path: 'c:/images/app', tag: 'v1' }],
    [`oci:/image@${digest}`, { transport: 'oci', path: '/image', tag: undefined, digest }],
    [`oci:/image:v1@${digest}`, { transport: 'oci', path: '/image', tag: 'v1', digest }],
    [`oci:C:\\app@${digest}`, { transport: 'oci', path: 'C:\\app', tag: undefined, digest }],
    ['oci:/home/me@work/image:v1', { transport: 'oci', path: '/home/me@work/image', tag: 'v1' }],
    ['oci:a:b', { transport: 'oci', path: 'a', tag: 'b' }],
    ['oci-archive:/x.tar', { transport: 'oci-archive', path: '/x.tar', tag: undefined }],
    ['oci-archive:/x.tar:v1', { transport: 'oci-archive', path: '/x.tar', tag: 'v1' }],
    ['oci-archive:C:\\x.tar:team/app:v1', { transport: 'oci-archive', path: 'C:\\x.tar', tag: 'team/app:v1' }],
    ['docker-archive:/x.tar', { transport: 'docker-archive', path: '/x.tar', tag: undefined }],
    ['docker-archive:/x.tar:app', { transport: 'docker-archive', path: '/x.tar', tag: 'app:latest' }],
    ['docker-archive:/x.tar:app:v1', { transport: 'docker-archive', path: '/x.tar', tag: 'app:v1' }],
    ['docker-archive:c:\\x.tar:app:v1', { transport: 'docker-archive', path: 'c:\\x.tar', tag: 'app:v1' }],
    [
      'docker-archive:x.tar:localhost:5000/team/app',
      { transport: 'docker-archive', path: 'x.tar', tag: 'localhost:5000/team/app:latest' },
    ],
    [
      `docker-archive:x.tar:localhost:5000/app:v1@${digest}`,
      { transport: 'docker-archive', path: 'x.tar', tag: 'localhost:5000/app:v1', digest },
    ],
    [`docker-archive:x.tar@${digest}`, { transport: 'docker-archive', path: 'x.tar', tag: undefined, digest }],
  ];
  for (const [text, expected] of good) {
    it(`reads ${text}`, () => assert.deepEqual(parseLocalReference(text), expected));
  }

  for (const text of ['redis', 'docker.io/library/redis:latest', 'localhost:5000/oci:v1', '', 'OCI:/x', 'oci']) {
    it(`leaves ${JSON.stringify(text)} to the registries`, () => assert.equal(parseLocalReference(text), undefined));
  }

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['oci:', 'invalid-reference', /has no path/],
    ['oci::v1', 'invalid-reference', /has no path/],
    ['oci:/image:', 'invalid-reference', /"" is not a tag/],
    ['oci:/image:a b', 'invalid-reference', /"a b" is not a tag/],
    ['oci:/image:-x', 'invalid-reference', /"-x" is not a tag/],
    ['oci:/im\0age', 'invalid-reference', /has no path/],
    ['oci://ghcr.io/team/app:v1', 'invalid-reference', /write ghcr\.io\/team\/app:v1/],
    ['oci:/image@sha256:../../canary', 'invalid-digest', /is not a digest/],
    ['oci-archive:', 'invalid-reference', /has no path\. Write oci-archive:PATH/],
    ['oci-archive:/x.tar:a b', 'invalid-reference', /"a b" is not a tag/],
    ['docker-archive:///x.tar', 'invalid-reference', /write docker-archive:\/x\.tar/],
    ['docker-archive:/x.tar:App:v1', 'invalid-reference', /lower-case/],
    ['docker-archive:/x.tar:', 'invalid-reference', /is not an image reference/],
    [`docker-archive:/x.tar:app@${digest}@${digest}`, 'invalid-reference', /only one digest/],
    [`oci:/${'x'.repeat(5000)}`, 'invalid-reference', /longer than 4096/],
  ];
  for (const [text, code, message] of bad) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.throws(() => parseLocalReference(text), { code, message });
    });
  }
});

describe('comparableName', () => {
  const same: readonly (readonly [string, string])[] = [
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3', 'index.docker.io/library/alpine:3'],
    ['localhost:5000/app:v1', 'localhost:5000/app:v1'],
    ['no Name', 'no Name'],
  ];
  for (const [one, other] of same) {
    it(`takes ${one} for ${other}`, () => assert.equal(comparableName(one), comparableName(other)));
  }
});
