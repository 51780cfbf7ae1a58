import assert from 'node:assert/strict';
import { listingLimits, type NamePages } from '../../src/registry/pages.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { openRegistry, serving } from './open.ts';

async function all(pages: NamePages): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

/** Answers every request with one page of tags and, where `next` gives one, a link to another. */
async function listing(
  page: (request: number) => { readonly tags: unknown; readonly link?: string },
  action: (pages: NamePages, requests: string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  await serving(
    (request, response) => {
      const { tags, link } = page(requests.push(request.url ?? ''));
      if (link !== undefined) response.setHeader('link', link);
      response.end(JSON.stringify({ name: 'app', tags }));
    },
    async (host) => action(openRegistry(host).repository('app').tagPages(testIo()), requests),
  );
}

describe('NamePages', () => {
  let fake: FakeRegistry;
  beforeEach(async () => (fake = await startFakeRegistry()));
  afterEach(() => fake.stop());

  it('follows the pages of a long list', async () => {
    for (const tag of ['a', 'b', 'c', 'd', 'e']) fake.putManifest('app', 'text/plain', tag, tag);
    fake.override = (request, next) => {
      request.url.searchParams.set('n', '2');
      return next();
    };
    assert.deepEqual(await all(openRegistry(fake.host).repository('app').tagPages(testIo())), [
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ]);
    assert.deepEqual(
      fake.requests.map(({ path }) => path),
      ['/v2/app/tags/list?n=1000', '/v2/app/tags/list?last=b&n=2', '/v2/app/tags/list?last=d&n=2'],
    );
  });

  it('gives the first page before it asks for the second', async () => {
    await listing(
      (n) => ({ tags: [`v${n}`], link: `</v2/app/tags/list?last=v${n}>; rel="next"` }),
      async (pages, requests) => {
        for await (const page of pages) {
          assert.deepEqual(page, ['v1']);
          break;
        }
        assert.equal(requests.length, 1);
      },
    );
  });

  it('99: takes null for an empty list and leaves out what comes twice', async () => {
    await listing(
      () => ({ tags: null }),
      async (pages) => assert.deepEqual(await all(pages), []),
    );
    await listing(
      () => ({ tags: ['v1', 'v2', 'v1'] }),
      async (pages) => assert.deepEqual(await all(pages), [['v1', 'v2']]),
    );
  });

  it('99: takes 100,000 names in one answer', async () => {
    const tags = Array.from({ length: 100_000 }, (_, at) => `t${at}`);
    await listing(
      () => ({ tags }),
      async (pages) => assert.equal((await all(pages)).flat().length, 100_000),
    );
  });

  it('13: hides and counts names that are none', async () => {
    const tags = ['v1', '<img src=x>', '../../x', '$(alert)', 'a'.repeat(129), '\u202egpj', '', 7, null];
    await listing(
      () => ({ tags }),
      async (pages) => {
        assert.deepEqual(await all(pages), [['v1']]);
        assert.equal(pages.dropped, 8);
      },
    );
  });

  it('73: does not follow a link to another server', async () => {
    const stranger: string[] = [];
    await serving(
      (request) => stranger.push(request.url ?? ''),
      async (other) => {
        await listing(
          () => ({ tags: ['v1'], link: `<http://${other}/v2/app/tags/list?last=v1>; rel="next"` }),
          async (pages) => {
            const found: string[] = [];
            const reading = (async () => {
              for await (const page of pages) found.push(...page);
            })();
            await assert.rejects(reading, { code: 'untrusted-origin' });
            assert.deepEqual(found, ['v1']);
          },
        );
      },
    );
    assert.deepEqual(stranger, []);
  });

  it('74: stops where a link names a page that was read', async () => {
    await listing(
      (n) => ({ tags: [`v${n}`], link: `</v2/app/tags/list?n=${n % 2}>; rel="next"` }),
      async (pages, requests) => {
        assert.deepEqual((await all(pages)).flat(), ['v1', 'v2', 'v3']);
        assert.equal(requests.length, 3);
      },
    );
  });

  it('74: stops where ever new links bring no new names', async () => {
    await listing(
      (n) => ({ tags: ['v1'], link: `</v2/app/tags/list?page=${n}>; rel="next"` }),
      async (pages, requests) => {
        assert.deepEqual(await all(pages), [['v1']]);
        assert.equal(requests.length, 2);
      },
    );
  });

  it('74: passes over empty pages, but not over endless ones', async () => {
    await listing(
      (n) => ({ tags: n === 4 ? ['v4'] : [], link: `</v2/app/tags/list?page=${n}>; rel="next"` }),
      async (pages, requests) => {
        assert.deepEqual(await all(pages), [['v4']]);
        assert.equal(requests.length, 4 + listingLimits.emptyPages);
      },
    );
  });

  it('asks for smaller pages where the registry wants them smaller', async () => {
    fake.putManifest('app', 'text/plain', 'x', 'v1');
    fake.override = (request, next) =>
      request.url.searchParams.get('n') === '1000'
        ? { status: 400, body: JSON.stringify({ errors: [{ code: 'PAGINATION_NUMBER_INVALID', message: 'n' }] }) }
        : next();
    assert.deepEqual(await all(openRegistry(fake.host).repository('app').tagPages(testIo())), [['v1']]);
  });

  it('says that a repository is not there', async () => {
    const pages = openRegistry(fake.host).repository('nothing').tagPages(testIo());
    await assert.rejects(all(pages), {
      code: 'not-found',
      message: /list the tags of 127\.0\.0\.1:\d+\/nothing: not found/,
    });
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ['83: a web page', '<html><title>Wi-Fi login</title></html>', 'web page titled "Wi-Fi login"'],
    ['a list that is none', '{"tags":"v1"}', 'no list of tags'],
    ['something else', '{"tags":', 'not valid JSON'],
  ];
  for (const [what, body, message] of wrong) {
    it(`${what} is no list`, async () => {
      fake.override = () => ({ status: 200, body });
      const pages = openRegistry(fake.host).repository('app').tagPages(testIo());
      await assert.rejects(all(pages), { code: 'protocol-violation', message: new RegExp(message) });
    });
  }

  it('refuses a page of more than 4 MiB', async () => {
    fake.override = () => ({ status: 200, body: Buffer.alloc((4 << 20) + 1, ' ') });
    await assert.rejects(all(openRegistry(fake.host).repository('app').tagPages(testIo())), { code: 'too-large' });
  });

  it('77: reads a page again whose answer breaks off', async () => {
    let requests = 0;
    await serving(
      (_request, response) => {
        response.setHeader('content-length', 14);
        if (++requests > 1) response.end('{"tags":["a"]}');
        else response.write('{"tags":', () => response.destroy());
      },
      async (host) => assert.deepEqual(await all(openRegistry(host).repository('app').tagPages(testIo())), [['a']]),
    );
    assert.equal(requests, 2);
  });
});
