import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { defaultSearchLimits, searchFiles, type SearchOptions } from '../../src/operations/searchFiles.ts';
import type { ImageFiles } from '../../src/operations/imageFiles.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { type LayerFiles, storedImage, tarOfFiles } from '../support/storedImage.ts';
import { withTempDir } from '../support/tempDir.ts';

const lower: LayerFiles = {
  'etc/app.conf': 'level = 1\r\nName = "look"\r\n',
  'etc/gone.conf': 'name = gone\n',
  'bin/tool': Buffer.from('name\0binary\n'),
  'etc/wide.txt': Buffer.from('\uFEFFfirst\nthe name here\n', 'utf16le'),
};
const upper: LayerFiles = {
  'etc/.wh.gone.conf': '',
  'srv/a.txt': `${'x'.repeat(1000)}name${'y'.repeat(1000)}\n`,
  'srv/b.txt': 'name\nNAME\n',
};

/** An image of these layers, and what a search in it finds: `/path:line:column text`. */
async function searching(
  layers: readonly LayerFiles[],
  act: (search: (options: SearchOptions) => Promise<readonly string[]>, files: ImageFiles) => Promise<void>,
  maxBytes?: number,
): Promise<void> {
  await withTempDir(async (directory) => {
    const tars = layers.map((files) => gzipSync(tarOfFiles(files)));
    const files = await storedImage(testLayers(directory, maxBytes), tars);
    const search = async (options: SearchOptions): Promise<readonly string[]> => {
      const outcome = await searchFiles(files, options, testIo());
      const lines = outcome.files.flatMap(({ path, matches }) =>
        matches.map(({ line, start, text }) => `/${path}:${line}:${start + 1} ${text.slice(0, 30)}`),
      );
      return [...lines, ...outcome.problems];
    };
    await act(search, files);
  });
}

describe('searchFiles', () => {
  it('finds lines of text files that a container sees, whatever their case and encoding', async () => {
    await searching([lower, upper], async (search) => {
      assert.deepEqual(await search({ query: 'name' }), [
        '/etc/app.conf:2:1 Name = "look"',
        '/etc/wide.txt:2:5 the name here',
        `/srv/a.txt:1:1001 ${'x'.repeat(30)}`,
        '/srv/b.txt:1:1 name',
        '/srv/b.txt:2:1 NAME',
      ]);
    });
  });

  it('finds the same without a cache', async () => {
    const found = ['/etc/app.conf:2:1 Name = "look"'];
    await searching(
      [lower],
      async (search) => assert.deepEqual(await search({ query: 'name =', path: 'etc/app.conf' }), found),
      0,
    );
  });

  it('takes a text literally, and with its case where that is asked for', async () => {
    await searching([{ 'a.txt': 'a.c\nabc\nA.C\n(x\n' }], async (search) => {
      assert.deepEqual(await search({ query: 'a.c' }), ['/a.txt:1:1 a.c', '/a.txt:3:1 A.C']);
      assert.deepEqual(await search({ query: 'a.c', isCaseSensitive: true }), ['/a.txt:1:1 a.c']);
      assert.deepEqual(await search({ query: '(x' }), ['/a.txt:4:1 (x']);
    });
  });

  it('matches a regular expression against single lines', async () => {
    await searching([{ 'a.txt': 'one two\ntwo\none\ntwo' }], async (search) => {
      assert.deepEqual(await search({ query: '^two$', isRegExp: true }), ['/a.txt:2:1 two', '/a.txt:4:1 two']);
      assert.deepEqual(await search({ query: 'one\\stwo', isRegExp: true }), ['/a.txt:1:1 one two']);
      // What the u flag refuses.
      assert.deepEqual(await search({ query: 'o\\ne', isRegExp: true, isCaseSensitive: true }), []);
      assert.deepEqual(await search({ query: '^t\\wo\\-?$', isRegExp: true }), ['/a.txt:2:1 two', '/a.txt:4:1 two']);
    });
  });

  it('searches one layer, also what a later one removed, or only below a path', async () => {
    await searching([lower, upper], async (search) => {
      assert.deepEqual(await search({ query: 'gone', layer: 0 }), ['/etc/gone.conf:1:8 name = gone']);
      assert.deepEqual(await search({ query: 'name', path: 'srv/b.txt' }), [
        '/srv/b.txt:1:1 name',
        '/srv/b.txt:2:1 NAME',
      ]);
      assert.deepEqual(await search({ query: 'name', layer: 1, path: 'etc' }), []);
      await assert.rejects(search({ query: 'name', path: 'opt' }), { code: 'not-found' });
      await assert.rejects(search({ query: 'name', layer: 1, path: 'opt' }), { code: 'not-found' });
    });
  });

  it('shows of a long line what is around the match', async () => {
    await searching([upper], async (_, files) => {
      const { files: found } = await searchFiles(files, { query: 'name', path: 'srv/a.txt' }, testIo());
      const match = found[0]?.matches[0];
      assert.equal(match?.text, `${'x'.repeat(80)}name${'y'.repeat(316)}`);
      assert.equal(match.cut, 920);
    });
  });

  it('ends at its limits and says so', async () => {
    await searching([{ 'a.txt': 'x\n'.repeat(50), 'b.txt': 'x\n', 'c.txt': 'x'.repeat(200) }], async (search) => {
      const limits = { ...defaultSearchLimits, matches: 3, fileBytes: 150 };
      assert.deepEqual(await search({ query: 'x', limits }), [
        '/a.txt:1:1 x',
        '/a.txt:2:1 x',
        '/a.txt:3:1 x',
        'The search ended at 3 matches: there may be more.',
        '1 file of more than 150 B was passed over.',
      ]);
    });
  });

  it('passes over files in which a pattern takes for ever, and gives up after three', async () => {
    const slow = `${'a'.repeat(60)}!\n`;
    const layer = { 'a.txt': slow, 'b.txt': 'aaa\n', 'c.txt': slow, 'd.txt': slow, 'e.txt': 'aaa\n' };
    await searching([layer], async (search) => {
      const limits = { ...defaultSearchLimits, milliseconds: 200 };
      assert.deepEqual(await search({ query: '^(a+)+$', isRegExp: true, limits }), [
        '/b.txt:1:1 aaa',
        '"/a.txt" was passed over: the pattern takes more than 0.2 seconds in it.',
        '"/c.txt" was passed over: the pattern takes more than 0.2 seconds in it.',
        '"/d.txt" was passed over: the pattern takes more than 0.2 seconds in it.',
        'The search ended there. Write the pattern without repeats in repeats.',
      ]);
    });
  });

  it('searches the other layers where one is damaged', async () => {
    await withTempDir(async (directory) => {
      const broken = gzipSync(tarOfFiles({ 'a.txt': 'name\n', 'b.txt': Buffer.alloc(100_000, 'name\n') }));
      const tars = [broken.subarray(0, broken.length - 60), gzipSync(tarOfFiles({ 'c.txt': 'name\n' }))];
      const files = await storedImage(testLayers(directory), tars);
      const { files: found, problems } = await searchFiles(files, { query: 'name' }, testIo());
      assert.ok(found.some(({ path }) => path === 'c.txt'));
      assert.match(problems.join(), /^Layer #1 is damaged, what follows is not searched: /);
    });
  });

  it('refuses a query that is none', async () => {
    await searching([{}], async (search) => {
      await assert.rejects(search({ query: '' }), { code: 'invalid-reference' });
      await assert.rejects(search({ query: 'a\nb' }), { code: 'invalid-reference' });
      await assert.rejects(search({ query: 'a'.repeat(1001) }), { code: 'invalid-reference' });
      await assert.rejects(search({ query: '(', isRegExp: true }), {
        code: 'invalid-reference',
        message: '"(" is no regular expression: "Unterminated group"',
      });
    });
  });

  it('ends at once when it is cancelled, in a pattern too', async () => {
    await searching([{ 'a.txt': `${'a'.repeat(60)}!\n` }], async (_, files) => {
      const controller = new AbortController();
      const onBytes = (): void => controller.abort(new Error('enough'));
      const began = performance.now();
      const searched = searchFiles(files, { query: '^(a+)+$', isRegExp: true, onBytes }, { signal: controller.signal });
      await assert.rejects(searched, /enough/);
      assert.ok(performance.now() - began < 1500);
    });
  });

  it('tells files as they are found, and how far it is', async () => {
    await searching([lower, upper], async (_, files) => {
      const seen: unknown[] = [];
      const onBytes = (bytes: number, total: number): void => {
        if (bytes === total) seen.push('end');
      };
      await searchFiles(
        files,
        { query: 'NAME', isCaseSensitive: true, onBytes, onFile: ({ path }) => seen.push(path) },
        testIo(),
      );
      assert.deepEqual(seen.toSorted(), ['end', 'srv/b.txt']);
    });
  });
});
