import assert from 'node:assert/strict';
import { parseLayoutReference } from '../../src/layout/layoutReference.ts';

const digest = `sha256:${'a'.repeat(64)}` as const;

describe('parseLayoutReference', () => {
  const good: readonly (readonly [string, object])[] = [
    ['oci:/home/me/image', { path: '/home/me/image', tag: undefined }],
    ['oci:/home/me/image:v1', { path: '/home/me/image', tag: 'v1' }],
    ['oci:relative/image:latest', { path: 'relative/image', tag: 'latest' }],
    ['oci:image', { path: 'image', tag: undefined }],
    ['oci:/a b/ü:v1', { path: '/a b/ü', tag: 'v1' }],
    ['oci:/store:team/app:v1', { path: '/store', tag: 'team/app:v1' }],
    ['oci:C:\\images\\app', { path: 'C:\\images\\app', tag: undefined }],
    ['oci:C:\\images\\app:v1', { path: 'C:\\images\\app', tag: 'v1' }],
    ['oci:c:/images/app:v1', { path: 'c:/images/app', tag: 'v1' }],
    [`oci:/image@${digest}`, { path: '/image', tag: undefined, digest }],
    [`oci:/image:v1@${digest}`, { path: '/image', tag: 'v1', digest }],
    [`oci:C:\\app@${digest}`, { path: 'C:\\app', tag: undefined, digest }],
    ['oci:/home/me@work/image:v1', { path: '/home/me@work/image', tag: 'v1' }],
    ['oci:a:b', { path: 'a', tag: 'b' }],
  ];
  for (const [text, expected] of good) {
    it(`reads ${text}`, () => assert.deepEqual(parseLayoutReference(text), expected));
  }

  for (const text of ['redis', 'docker.io/library/redis:latest', 'localhost:5000/oci:v1', '', 'OCI:/x', 'oci']) {
    it(`leaves ${JSON.stringify(text)} to the registries`, () => assert.equal(parseLayoutReference(text), undefined));
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
    [`oci:/${'x'.repeat(5000)}`, 'invalid-reference', /longer than 4096/],
  ];
  for (const [text, code, message] of bad) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.throws(() => parseLayoutReference(text), { code, message });
    });
  }
});
