import assert from 'node:assert/strict';
import { type Descriptor, isAttestation } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';

const image: Descriptor = { mediaType: mediaTypes.manifest, digest: digestOf(Buffer.from('x')), size: 1 };

describe('isAttestation', () => {
  const linux = { os: 'linux', architecture: 'amd64' };
  const unknown = { os: 'unknown', architecture: 'unknown' };
  const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };

  for (const [what, entry, expected] of [
    ['an image', { ...image, platform: linux }, false],
    ['an image of no named platform', image, false],
    [
      'an image for a system that its builder calls unknown',
      { ...image, platform: { ...linux, os: 'unknown' } },
      false,
    ],
    ['what has the platform unknown/unknown', { ...image, platform: unknown }, true],
    ['what says so itself', { ...image, platform: linux, annotations }, true],
  ] as const) {
    it(`says ${String(expected)} of ${what}`, () => assert.equal(isAttestation(entry), expected));
  }
});
