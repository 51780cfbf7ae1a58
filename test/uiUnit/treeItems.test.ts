import assert from 'node:assert/strict';
import type { ImageSummary } from '../../src/browse/imageDetails.ts';
import type { ErrorNode, Fix, TreeNode } from '../../src/browse/nodes.ts';
import type { Facts } from '../../src/ui/itemParts.ts';
import { type ItemView, viewOf } from '../../src/ui/treeItems.ts';

const digest = `sha256:${'0123456789ab'.padEnd(64, '0')}` as const;
const place = { registry: 'r.example', repository: 'team/app' };
const tag: TreeNode = { kind: 'tag', id: 't', ...place, tag: '1.4' };
const facts: Facts = { writable: true, now: Date.parse('2026-01-31T12:00:00Z') };
const image: ImageSummary = {
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  shape: 'image',
  platforms: ['linux/amd64'],
  size: 44_040_192,
  created: '2026-01-28T12:00:00Z',
};

describe('viewOf', () => {
  it('shows a tag that was not read yet by its name alone', () => {
    const view = viewOf(tag, facts);
    assert.deepEqual([view.label, view.description, view.icon], ['1.4', undefined, 'tag']);
    assert.deepEqual(view.context, ['tag', 'unresolved', 'writable']);
  });

  it('shows what a tag names', () => {
    const view = viewOf(tag, { ...facts, summary: image });
    assert.equal(view.description, 'linux/amd64 · 42.0 MiB · 3 d');
    assert.deepEqual(view.context, ['tag', 'image', 'writable']);
    assert.equal(view.spoken, 'tag, 1.4, linux/amd64 · 42.0 MiB · 3 d');
    assert.ok(view.tooltip.includes('42.0 MiB (44040192 bytes)') && view.tooltip.includes(digest));
  });

  it('shows an index by its platforms, and nothing to write in a read-only registry', () => {
    const summary: ImageSummary = { digest, mediaType: 'x', shape: 'index', platforms: ['linux/amd64', 'linux/arm64'] };
    const view = viewOf(tag, { ...facts, writable: false, summary });
    assert.deepEqual([view.description, view.icon], ['2 platforms', 'versions']);
    assert.deepEqual(view.context, ['tag', 'index']);
  });

  it('shows how many tags are known, and that there are more', () => {
    const repository: TreeNode = { kind: 'repository', id: 'x', ...place, label: 'app', pinned: false };
    const description = (known: number, all: boolean): unknown =>
      viewOf(repository, { ...facts, count: { known, all } }).description;
    assert.deepEqual(
      [description(1, true), description(248, true), description(100, false)],
      ['1 tag', '248 tags', '100+ tags'],
    );
  });

  const headlines: readonly (readonly [string, Partial<ErrorNode>, string])[] = [
    ['Sign in to see this', { code: 'unauthorized', fix: 'signIn', reason: 'auth' }, 'lock'],
    ['Not allowed', { code: 'forbidden', fix: 'signIn', reason: 'auth' }, 'lock'],
    ['Certificate not trusted', { code: 'untrusted-origin', fix: 'openSettings', reason: 'tls' }, 'error'],
    ['Not reachable', { code: 'unavailable', fix: 'retry', reason: 'net' }, 'error'],
    ['No list of repositories', { code: 'forbidden', fix: 'openImage' }, 'info'],
    ['Could not be read', { code: 'protocol-violation', fix: 'retry' }, 'error'],
  ];
  for (const [label, error, icon] of headlines) {
    it(`says "${label}" in the few words that a side bar has room for, and all of it in the tooltip`, () => {
      const message = 'The whole story, with what to do next.';
      const node = { kind: 'error', id: 'e', registry: 'r', message, code: 'x', fix: 'retry', ...error } as const;
      const view = viewOf(node, facts);
      assert.deepEqual([view.label, view.description, view.icon], [label, message, icon]);
      assert.equal(view.tooltip[0], message);
    });
  }

  const instructions: readonly (readonly [string, string])[] = [
    ['COPY app /app # buildkit', '#1 COPY app /app'],
    ['RUN /bin/sh -c apk add curl # buildkit', '#1 RUN apk add curl'],
    ['/bin/sh -c #(nop)  CMD ["sh"]', '#1 CMD ["sh"]'],
    ['/bin/sh -c make', '#1 RUN make'],
  ];
  for (const [createdBy, label] of instructions) {
    it(`shows a layer made by ${createdBy} as ${label}`, () => {
      const descriptor = { mediaType: 'a/b', digest, size: 1 };
      const view = viewOf(
        { kind: 'layer', id: 'l', ...place, manifest: descriptor, artifact: false, descriptor, position: 1, createdBy },
        facts,
      );
      assert.deepEqual([view.label, view.description, view.tooltip[0]], [label, '1 B · 0123456789ab', createdBy]);
    });
  }

  const fixes: readonly (readonly [Fix, string])[] = [
    ['signIn', 'gantry.signIn'],
    ['openImage', 'gantry.openImage'],
    ['openSettings', 'gantry.openSettings'],
    ['retry', 'gantry.retry'],
    ['clearFilter', 'gantry.clearFilter'],
  ];
  for (const [fix, command] of fixes) {
    it(`runs ${command} at a click on an error that it fixes`, () => {
      const view = viewOf({ kind: 'error', id: 'e', registry: 'r', message: 'm', code: 'unavailable', fix }, facts);
      assert.deepEqual([view.command, view.expands], [command, false]);
    });
  }

  it('236: shows a hostile history line, platform and artifact type as harmless text', () => {
    const hostile = '\u202e$(trash)\u0007\n[x](command:y)';
    const descriptor = { mediaType: 'a/b', digest, size: 1, artifactType: hostile };
    const views: readonly ItemView[] = [
      viewOf(
        {
          kind: 'layer',
          id: 'l',
          ...place,
          manifest: descriptor,
          artifact: false,
          descriptor,
          position: 1,
          createdBy: hostile,
        },
        facts,
      ),
      viewOf({ kind: 'platform', id: 'p', ...place, descriptor, label: hostile, attestation: false }, facts),
      viewOf({ kind: 'referrer', id: 'f', ...place, descriptor }, facts),
    ];
    for (const { label, description, tooltip, spoken } of views) {
      for (const text of [label, description ?? '', spoken, ...tooltip]) {
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
      }
    }
  });

  it('keeps every token of a context free of text from a registry', () => {
    const descriptor = { mediaType: 'a/b;writable', digest, size: 1, artifactType: ';tag;writable' };
    const view = viewOf({ kind: 'referrer', id: 'f', ...place, descriptor }, { ...facts, writable: false });
    assert.deepEqual(view.context, ['manifest', 'referrer', 'unresolved']);
  });
});
