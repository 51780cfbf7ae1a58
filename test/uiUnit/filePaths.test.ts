import assert from 'node:assert/strict';
import { type FileAddress, filePath, parseFilePath } from '../../src/ui/filePaths.ts';

const registry = 'registry.example';
const digest = `sha256:${'0123456789ab'.padEnd(64, '0')}` as const;
const image = `/team/app@${digest}`;

describe('filePath', () => {
  const paths: readonly (readonly [string, Omit<FileAddress, 'registry' | 'repository' | 'digest'>])[] = [
    [`${image}/rootfs`, { path: '' }],
    [`${image}/rootfs/etc/passwd`, { path: 'etc/passwd' }],
    [`${image}/layer-0`, { layer: 0, path: '' }],
    [`${image}/layer-12/usr/bin/x`, { layer: 12, path: 'usr/bin/x' }],
    [`${image}/rootfs/%2e%2e/a?b#c@d`, { path: '%2e%2e/a?b#c@d' }],
    [`${image}/rootfs/caf⟨E9⟩/⟨U+000A⟩`, { path: 'caf\udce9/\n' }],
    [`${image}/rootfs/rootfs/layer-1`, { path: 'rootfs/layer-1' }],
  ];
  for (const [text, rest] of paths) {
    it(`names ${JSON.stringify(rest.path)} by ${text.slice(image.length)}, and back`, () => {
      const address = { registry, repository: 'team/app', digest, ...rest };
      assert.equal(filePath(address), text);
      assert.deepEqual(parseFilePath(registry, text), address);
    });
  }
});

describe('parseFilePath', () => {
  const wrong = [
    '',
    '/',
    image,
    `${image}/`,
    `${image}/rootfs/`,
    `${image}/rootfs//etc`,
    `${image}/rootfs/etc/`,
    `${image}/rootfs/../etc`,
    `${image}/rootfs/etc/..`,
    `${image}/rootfs/./etc`,
    `${image}/rootfs/a\u0000b`,
    `${image}/rootfs/a\nb`,
    `${image}/rootfs/\udce9`,
    `${image}/rootfs/⟨41⟩`,
    `${image}/ROOTFS/etc`,
    `${image}/rootfsx`,
    `${image}/layer-01/etc`,
    `${image}/layer--1/etc`,
    `${image}/layer-1e3/etc`,
    `${image}/layer-/etc`,
    `/../team/app@${digest}/rootfs/etc`,
    `/TEAM/app@${digest}/rootfs/etc`,
    `/team/app@${digest.toUpperCase()}/rootfs/etc`,
    `/team/app@sha256:00/rootfs/etc`,
    `/team/app@${digest}/x/rootfs/etc`,
    `${image}/rootfs/${'a/'.repeat(20_000)}a`,
  ];
  for (const path of wrong) {
    it(`216 knows no file by ${JSON.stringify(path.replace(image, '').slice(0, 60))}`, () => {
      assert.equal(parseFilePath(registry, path), undefined);
    });
  }
});
