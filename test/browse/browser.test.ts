import assert from 'node:assert/strict';
import { OciError } from '../../src/errors.ts';
import { testIo } from '../support/io.ts';
import { browserOf, child, labels, labelOf, MemoryRegistry, pushImage, childrenAt } from './fixtures.ts';

const host = 'registry.example:5000';

function registryOf(...names: readonly string[]): MemoryRegistry {
  const registry = new MemoryRegistry(host);
  for (const name of names) registry.add(name);
  return registry;
}

describe('Browser', () => {
  describe('registries and repositories', () => {
    it('shows the registries without asking them anything', () => {
      const registry = registryOf('app');
      assert.deepEqual(
        browserOf({ registries: [registry] })
          .roots()
          .map(labelOf),
        [host],
      );
      assert.deepEqual(registry.asked, []);
    });

    it('groups repositories by their paths', async () => {
      const browser = browserOf({ registries: [registryOf('app', 'team/api', 'team/tools/lint', 'team')] });
      assert.deepEqual(await labels(browser, host), ['team/', 'app', 'team']);
      assert.deepEqual(await labels(browser, host, 'team/'), ['team/tools/', 'api']);
      assert.deepEqual(await labels(browser, host, 'team/', 'team/tools/'), ['lint']);
    });

    it('lists full names where grouping is off', async () => {
      const browser = browserOf({ registries: [registryOf('app', 'team/api')], settings: { groupByPath: false } });
      assert.deepEqual(await labels(browser, host), ['app', 'team/api']);
    });

    it('lists only the namespaces of the settings', async () => {
      const registry = registryOf('app', 'team/api', 'teams/x', 'org/sub/y');
      registry.namespaces = ['team', 'org/sub'];
      assert.deepEqual(await labels(browserOf({ registries: [registry] }), host), ['team/', 'org/']);
    });

    it('says that a registry is empty', async () => {
      assert.deepEqual(await labels(browserOf({ registries: [registryOf()] }), host), ['empty: No repositories']);
    });

    it('leaves out names that no repository can have', async () => {
      const registry = registryOf('app', '../etc', 'UPPER', 'a b', 'x](command:evil)');
      assert.deepEqual(await labels(browserOf({ registries: [registry] }), host), ['app']);
    });

    it('shows a repository opened by name though the catalogue is switched off', async () => {
      const registry = registryOf('team/app');
      registry.catalog = 'off';
      const opened = [{ registry: host, repository: 'team/app' }];
      const browser = browserOf({ registries: [registry], opened });
      assert.deepEqual(await labels(browser, host, 'pinned'), ['team/app']);
      assert.deepEqual(registry.asked, []);
    });

    it('shows the registry of an opened image that is in no setting', () => {
      const browser = browserOf({ registries: [], opened: [{ registry: 'ghcr.io', repository: 'a/b' }] });
      assert.deepEqual(browser.roots().map(labelOf), ['ghcr.io']);
    });
  });

  describe('paging', () => {
    const names = Array.from({ length: 25 }, (_, at) => `r${String(at + 10)}`);

    it('reads one page and the beginning of the next, then goes on where it stood', async () => {
      const registry = registryOf(...names);
      registry.pageLength = 5;
      const browser = browserOf({ registries: [registry], settings: { pageSize: 10 } });
      assert.equal((await childrenAt(browser, host)).length, 11);
      assert.deepEqual(registry.asked, ['page 1', 'page 2', 'page 3']);
      const more = await child(browser, 'loadMore', host);
      assert.ok(more.kind === 'loadMore' && more.shown === 10);
      browser.loadMore(more);
      assert.equal((await childrenAt(browser, host)).length, 21);
      assert.deepEqual(registry.asked, ['page 1', 'page 2', 'page 3', 'page 4', 'page 5']);
      browser.loadMore(more);
      assert.deepEqual(await labels(browser, host), names);
    });

    it('offers no more where the page is exactly full', async () => {
      const browser = browserOf({ registries: [registryOf('a', 'b')], settings: { pageSize: 2 } });
      assert.deepEqual(await labels(browser, host), ['a', 'b']);
    });

    it('keeps the pages before the one that failed, and goes on after it with Retry', async () => {
      const registry = registryOf('a', 'b', 'c', 'd');
      registry.pageLength = 2;
      registry.beforePage = (page) => {
        if (page === 2) throw new OciError('unavailable', 'registry.example did not answer');
      };
      const browser = browserOf({ registries: [registry] });
      assert.deepEqual(await labels(browser, host), ['a', 'b', 'error: registry.example did not answer']);
      registry.beforePage = () => undefined;
      const failed = browser.retry(await child(browser, 'error', host));
      assert.equal(failed, browser.roots()[0]);
      assert.deepEqual(await labels(browser, host), ['a', 'b', 'c', 'd']);
    });

    it('shows a name once that two pages hold', async () => {
      const registry = registryOf();
      registry.repositoryPages = async function* () {
        yield ['a', 'b'];
        yield ['b', 'c'];
      };
      assert.deepEqual(await labels(browserOf({ registries: [registry] }), host), ['a', 'b', 'c']);
    });

    it('stops after 10,000 names of which the filter lets none through, and offers to go on', async () => {
      const registry = registryOf();
      let page = 0;
      registry.repositoryPages = async function* () {
        for (;;) yield Array.from({ length: 1000 }, (_, at) => `r${page * 1000 + at}${page++ < 0 ? '' : ''}`);
      };
      const browser = browserOf({ registries: [registry] });
      browser.setFilter('nothing');
      assert.deepEqual(await labels(browser, host), ['loadMore']);
    });
  });

  describe('failures', () => {
    const table: readonly (readonly [string, unknown, string, string | undefined])[] = [
      ['sign in', new OciError('unauthorized', 'registry.example wants a login'), 'signIn', 'auth'],
      ['open by name', new OciError('not-found', 'no catalogue'), 'openImage', undefined],
      ['open by name', new OciError('forbidden', 'the catalogue is not allowed'), 'openImage', undefined],
      ['retry', new OciError('rate-limited', 'too many requests'), 'retry', 'net'],
      ['retry', new OciError('protocol-violation', 'not a registry'), 'retry', undefined],
      ['retry', new TypeError('x is not a function'), 'retry', undefined],
      [
        'trust the certificate',
        new OciError('unavailable', 'no TLS', {
          cause: Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
        }),
        'openSettings',
        'tls',
      ],
    ];
    for (const [what, error, fix, reason] of table) {
      it(`offers to ${what} after ${error instanceof OciError ? error.code : String(error)}`, async () => {
        const registry = registryOf('app');
        registry.beforePage = () => {
          throw error;
        };
        const node = await child(browserOf({ registries: [registry] }), 'error', host);
        assert.ok(node.kind === 'error');
        assert.deepEqual([node.fix, node.reason], [fix, reason]);
      });
    }

    it('236: shows what a registry says without controls, line ends and bidi marks, cut', async () => {
      const registry = registryOf('app');
      registry.beforePage = () => {
        throw new OciError('unavailable', `a\u202egnp.exe\r\n\u001b[31mred\u0007${'x'.repeat(1000)}`);
      };
      const node = await child(browserOf({ registries: [registry] }), 'error', host);
      assert.ok(node.kind === 'error');
      assert.match(node.message, /^a⟨U\+202E⟩gnp\.exe ⟨U\+001B⟩\[31mred⟨U\+0007⟩x+…$/);
      assert.equal(node.message.length, 300);
    });

    it('offers an image by its name too where the catalogue wants a login', async () => {
      const registry = registryOf('app');
      registry.beforePage = () => {
        throw new OciError('unauthorized', 'registry.example wants a login');
      };
      assert.deepEqual(await labels(browserOf({ registries: [registry] }), host), [
        'error: registry.example wants a login',
        'empty: Or open an image by its name',
      ]);
    });

    for (const [what, prepare] of [
      ['does not list repositories', 'forbidden'],
      ['wants a login for the list', 'unauthorized'],
      ['has its catalogue switched off', 'off'],
    ] as const) {
      it(`shows the namespaces of the settings, with what was opened in them, where a registry ${what}`, async () => {
        const registry = registryOf();
        registry.namespaces = ['team', 'group/tools'];
        if (prepare === 'off') registry.catalog = 'off';
        else
          registry.beforePage = () => {
            throw new OciError(prepare, 'no list');
          };
        const opened = ['team/app', 'team/sub/tool', 'else/where'].map((repository) => ({
          registry: host,
          repository,
        }));
        const browser = browserOf({ registries: [registry], opened });
        const login = prepare === 'unauthorized' ? ['error: no list'] : [];
        assert.deepEqual(await labels(browser, host), ['pinned', 'team/', 'group/tools/', ...login]);
        const hint = 'empty: The registry lists nothing here: open an image by its name';
        assert.deepEqual(await labels(browser, host, 'team/'), ['team/sub/', 'app', hint]);
        assert.deepEqual(await labels(browser, host, 'group/tools/'), [hint]);
        const [note] = await childrenAt(browser, host, 'group/tools/');
        assert.ok(note?.kind === 'empty' && note.fix === 'openImage');
      });
    }

    it('shows a manifest that is missing as an error of the tag', async () => {
      const registry = new MemoryRegistry(host);
      const store = registry.add('app');
      const image = await pushImage(store, '1.0');
      const browser = browserOf({ registries: [registry] });
      await childrenAt(browser, host, 'app');
      await store.deleteManifest(image.digest);
      const [error, ...none] = await childrenAt(browser, host, 'app', '1.0');
      assert.ok(error?.kind === 'error' && error.code === 'not-found' && none.length === 0);
    });
  });

  describe('cancelling', () => {
    it('stops reading, keeps nothing half-read and reads again when asked again', async () => {
      const registry = registryOf('a', 'b');
      const controller = new AbortController();
      registry.beforePage = (_page, io) =>
        new Promise((_resolve, reject) => {
          io.signal.addEventListener('abort', () => reject(io.signal.reason as Error));
          controller.abort(new Error('collapsed'));
        });
      const browser = browserOf({ registries: [registry] });
      const [root] = browser.roots();
      assert.ok(root);
      await assert.rejects(browser.children(root, { signal: controller.signal }), /collapsed/);
      registry.beforePage = () => undefined;
      assert.deepEqual(await labels(browser, host), ['a', 'b']);
    });

    it('does not cancel for one caller what another still waits for', async () => {
      const registry = registryOf('a');
      const controller = new AbortController();
      let pages = 0;
      registry.beforePage = (_page, io) => {
        if (++pages > 1) return;
        return new Promise((_resolve, reject) => io.signal.addEventListener('abort', () => reject(new Error('gone'))));
      };
      const browser = browserOf({ registries: [registry] });
      const [root] = browser.roots();
      assert.ok(root);
      const first = browser.children(root, { signal: controller.signal });
      const second = browser.children(root, testIo());
      controller.abort(new Error('collapsed'));
      await assert.rejects(first, /collapsed/);
      assert.deepEqual((await second).map(labelOf), ['a']);
    });

    it('leaves who cancels at once, though another still waits for the answer', async () => {
      const registry = registryOf('a');
      let release: () => void = () => undefined;
      registry.beforePage = () => new Promise((resolve) => (release = resolve));
      const browser = browserOf({ registries: [registry] });
      const [root] = browser.roots();
      assert.ok(root);
      const controller = new AbortController();
      const first = browser.children(root, testIo());
      const second = browser.children(root, { signal: controller.signal });
      await Promise.resolve();
      controller.abort(new Error('collapsed'));
      await assert.rejects(second, /collapsed/);
      release();
      assert.deepEqual((await first).map(labelOf), ['a']);
    });

    it('reads anew where a refresh comes while a page is read', async () => {
      const registry = registryOf('a');
      let release: () => void = () => undefined;
      registry.beforePage = () => new Promise((resolve) => (release = resolve));
      const browser = browserOf({ registries: [registry] });
      const [root] = browser.roots();
      assert.ok(root);
      const reading = browser.children(root, testIo());
      await Promise.resolve();
      registry.beforePage = () => undefined;
      registry.add('b');
      browser.refresh();
      release();
      assert.deepEqual((await reading).map(labelOf), ['a', 'b']);
    });
  });

  describe('filtering', () => {
    it('shows the repositories that match, wherever the registry lists them', async () => {
      const registry = registryOf('app', 'team/api', 'team/web', 'zoo/Api'.toLowerCase());
      registry.pageLength = 1;
      const browser = browserOf({ registries: [registry], settings: { groupByPath: false } });
      browser.setFilter('API');
      assert.deepEqual(await labels(browser, host), ['team/api', 'zoo/api']);
      assert.equal(browser.filtered, true);
      browser.setFilter('nowhere');
      assert.deepEqual(await labels(browser, host), ['empty: No repositories match the filter']);
      browser.clearFilters();
      assert.deepEqual(await labels(browser, host), ['app', 'team/api', 'team/web', 'zoo/api']);
    });

    it('shows the tags of one repository that match and leaves others alone', async () => {
      const registry = new MemoryRegistry(host);
      for (const name of ['one', 'two']) {
        const store = registry.add(name);
        for (const tag of ['1.0', '2.0']) await pushImage(store, tag);
      }
      const browser = browserOf({ registries: [registry] });
      const repository = (await childrenAt(browser, host))[0];
      assert.ok(repository?.kind === 'repository');
      browser.setFilter('2*', repository);
      assert.deepEqual(await labels(browser, host, 'one'), ['2.0']);
      assert.deepEqual(await labels(browser, host, 'two'), ['2.0', '1.0']);
    });
  });
});
