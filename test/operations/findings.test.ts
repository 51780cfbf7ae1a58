import assert from 'node:assert/strict';
import type { Finding } from '../../src/api.ts';
import type { LayerIndex } from '../../src/archive/layerIndex.ts';
import type { FindingList } from '../../src/operations/findingList.ts';
import { findFindings } from '../../src/operations/findings.ts';
import { testIo } from '../support/io.ts';
import { entry, layerOf } from '../support/layers.ts';
import { stackOf } from './stackOf.ts';

async function examine(...layers: readonly LayerIndex[]): Promise<FindingList> {
  // An index may have been forgotten and read again since the merged view was made of it.
  const stack = await stackOf(...structuredClone(layers));
  const named = layers.map((index, at) => ({ digest: `sha256:${String(at).repeat(64)}`, index }));
  return findFindings(stack, named, testIo());
}

async function found(...layers: readonly LayerIndex[]): Promise<readonly Finding[]> {
  return (await examine(...layers)).findings;
}

/** Kind, path and layer of each. */
async function listed(...layers: readonly LayerIndex[]): Promise<readonly string[]> {
  return (await found(...layers)).map(({ kind, path, layer }) => `${kind} ${path} ${layer}`);
}

describe('findFindings', () => {
  it('says nothing of an ordinary image', async () => {
    const base = layerOf(
      { path: 'tmp', type: 'directory', mode: 0o1777 },
      { path: 'etc/shadow', size: 400, mode: 0o640 },
      { path: 'bin/sh', size: 9, mode: 0o755 },
      { path: 'bin/link', type: 'symlink', linkname: 'sh' },
      { path: 'dev/null', type: 'char', mode: 0o666 },
      { path: 'var/mail', type: 'directory', mode: 0o2775 },
    );
    assert.deepEqual(await found(base), []);
  });

  it('193 names files that run with the rights of their owner or group, hard-linked ones once', async () => {
    const layer = layerOf(
      { path: 'usr/bin/su', size: 5, mode: 0o4755 },
      { path: 'usr/bin/su2', type: 'hardlink', linkname: 'usr/bin/su', mode: 0o4755 },
      { path: 'usr/bin/wall', size: 5, mode: 0o2755, gid: 5 },
      { path: 'usr/bin/both', size: 5, mode: 0o6755 },
    );
    assert.deepEqual(await listed(layerOf(), layer), [
      'setuid /usr/bin/both 1',
      'setuid /usr/bin/su 1',
      'setgid /usr/bin/both 1',
      'setgid /usr/bin/wall 1',
    ]);
    const texts = (await found(layer)).map(({ text }) => text);
    assert.match(texts[1] ?? '', /rights of user 0\. .*"chmod u-s"/);
    assert.match(texts[3] ?? '', /rights of group 5\. .*"chmod g-s"/);
  });

  it('193 names what every user may write to, but for what is in a folder such as /tmp', async () => {
    const layer = layerOf(
      { path: 'tmp', type: 'directory', mode: 0o1777 },
      { path: 'tmp/open', type: 'directory', mode: 0o777 },
      { path: 'tmp/open/deep', mode: 0o666 },
      { path: 'app', type: 'directory', mode: 0o777 },
      { path: 'app/log', mode: 0o666 },
      { path: 'app/link', type: 'symlink', linkname: 'log' },
      { path: 'sticky', type: 'directory', mode: 0o1755 },
      { path: 'sticky/x', mode: 0o646 },
    );
    const findings = await found(layer);
    assert.deepEqual(
      findings.map(({ kind, path }) => `${kind} ${path}`),
      ['world-writable /app', 'world-writable /app/log', 'world-writable /sticky/x'],
    );
    assert.match(findings[0]?.text ?? '', /mode 0777.*"chmod o-w".*"chmod \+t"/);
    assert.doesNotMatch(findings[1]?.text ?? '', /\+t/);
  });

  it('sees permissions of the last layer only', async () => {
    const lower = layerOf({ path: 'su', size: 5, mode: 0o4755 }, { path: 'open', mode: 0o666 });
    assert.deepEqual(await listed(lower, layerOf({ path: 'su', size: 5, mode: 0o755 }, { path: '.wh.open' })), []);
  });

  it('names files that may hold secrets, with their bytes', async () => {
    const [finding] = await found(layerOf(), layerOf({ path: 'root/.ssh/id_rsa', size: 1700 }));
    assert.deepEqual(finding, {
      kind: 'secret',
      path: '/root/.ssh/id_rsa',
      text: 'By its name this file may hold a private SSH key: everyone who can pull the image can read it. Build without it, and replace the secret.',
      layer: 1,
      bytes: 1700,
    });
  });

  it('names secrets that a later layer removed or replaced, with the layer that still holds them', async () => {
    const removed = [layerOf({ path: 'app/.env', size: 30 }), layerOf({ path: 'app/.wh..env' })];
    assert.deepEqual(await listed(...removed), ['secret /app/.env 0']);
    const [finding] = await found(...removed);
    assert.match(finding?.text ?? '', /was removed or replaced later, but layer sha256:000000000000 still holds it/);
    const folder = [layerOf({ path: 'root/.aws/credentials', size: 30 }), layerOf({ path: '.wh.root' })];
    assert.deepEqual(await listed(...folder), ['secret /root/.aws/credentials 0']);
    const versions = [layerOf({ path: 'a.key', size: 30 }), layerOf({ path: 'a.key', size: 40 })];
    assert.deepEqual(await listed(...versions), ['secret /a.key 0', 'secret /a.key 1']);
  });

  it('does not call a secret removed that is seen under another path', async () => {
    const link = layerOf({ path: 'conf', type: 'symlink', linkname: 'etc/ssl/certs' });
    const moved = await listed(link, layerOf({ path: 'conf/x.pem', size: 30 }));
    assert.deepEqual(moved, []);
    const linked = layerOf({ path: 'a.key', size: 30 }, { path: 'b.key', type: 'hardlink', linkname: 'a.key' });
    assert.deepEqual(await listed(linked, layerOf({ path: '.wh.a.key' })), ['secret /b.key 0']);
  });

  it('does not forget a removed secret because a hard link of a harmless name still shows it', async () => {
    const linked = layerOf({ path: 'a.key', size: 30 }, { path: 'b.txt', type: 'hardlink', linkname: 'a.key' });
    assert.deepEqual(await listed(linked), ['secret /a.key 0']);
    assert.deepEqual(await listed(linked, layerOf({ path: '.wh.a.key' })), ['secret /a.key 0']);
  });

  it('does not take empty files, links and folders for secrets', async () => {
    const layer = layerOf(
      { path: 'root/.netrc', size: 0 },
      { path: 'app/x.pem', type: 'symlink', linkname: '/run/x.pem' },
      { path: 'app/.env', type: 'directory' },
    );
    assert.deepEqual(await listed(layer), []);
  });

  it('adds up what was left behind, by folder, with the layer that holds most of it', async () => {
    const lower = layerOf(
      { path: 'var/cache/apt/archives/a.deb', size: 100 },
      { path: 'var/cache/apt/archives/lock', size: 7 },
      { path: 'var/lib/apt/lists/x_Packages', size: 50 },
      { path: 'home/dev/.bash_history', size: 5 },
      { path: 'home/dev/.npm/_cacache/content-v2/x', size: 20 },
    );
    const upper = layerOf(
      { path: 'var/cache/apt/archives/b.deb', size: 300 },
      { path: 'root/.cache/pip/http/x', size: 9 },
      { path: 'root/.cache/pip/http/y', type: 'hardlink', linkname: 'root/.cache/pip/http/x' },
      { path: 'tmp/build/x', size: 30 },
      { path: 'tmp/empty', size: 0 },
    );
    const findings = await found(lower, upper);
    assert.deepEqual(
      findings.map(({ kind, path, layer, bytes }) => [kind, path, layer, bytes]),
      [
        ['cache', '/var/cache/apt/archives', 1, 400],
        ['cache', '/var/lib/apt/lists', 0, 50],
        ['cache', '/tmp', 1, 30],
        ['cache', '/home/dev/.npm/_cacache', 0, 20],
        ['cache', '/root/.cache/pip', 1, 9],
        ['cache', '/home/dev/.bash_history', 0, 5],
      ],
    );
    assert.match(findings[0]?.text ?? '', /packages that apt downloaded\. Run "apt-get clean"/);
  });

  it('does not name caches that a later layer removed', async () => {
    assert.deepEqual(await listed(layerOf({ path: 'tmp/x', size: 3 }), layerOf({ path: 'tmp/.wh.x' })), []);
  });

  it('165 names entries whose names lead out of the image, with the name as it is written', async () => {
    const [finding] = await found(layerOf({ path: 'etc/x', size: 3, unsafe: '../../etc/x\u202e' }));
    assert.equal(finding?.kind, 'unsafe-path');
    assert.equal(finding.path, '/etc/x');
    assert.match(finding.text, /"\.\.\/\.\.\/etc\/x\\u202e"/);
  });

  it('lists the most serious kinds first, a thousand of each, and says what is left out', async () => {
    const entries = Array.from({ length: 1500 }, (_, at) => entry({ path: `k${at}.key`, size: 1, mode: 0o4755 }));
    const list = await examine({ ...layerOf(), entries });
    const kinds = list.findings.map(({ kind }) => kind);
    assert.deepEqual([kinds.indexOf('secret'), kinds.indexOf('setuid'), kinds.length], [0, 1000, 2000]);
    assert.deepEqual(list.problems, [
      '500 more findings of the kind secret are left out; the first 1000 are listed.',
      '500 more findings of the kind setuid are left out; the first 1000 are listed.',
    ]);
  });
});
