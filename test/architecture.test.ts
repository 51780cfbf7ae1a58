import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const src = path.join(import.meta.dirname, '../src');

/** Which folder may import which; a new edge is an edit here, seen in review. A folder may always import itself. */
const layers: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  oci: ['errors'],
  content: ['errors', 'oci'],
  credentials: ['errors', 'oci', 'content'],
  archive: ['errors', 'oci', 'content'],
  registry: ['errors', 'oci', 'content', 'credentials'],
  layout: ['errors', 'oci', 'content', 'archive'],
  serve: ['errors', 'oci', 'content', 'layout'],
  operations: ['errors', 'oci', 'content', 'archive', 'api'],
  containerize: ['errors', 'oci', 'content', 'archive', 'operations', 'api'],
  browse: ['errors', 'oci', 'content', 'archive', 'registry', 'layout', 'operations', 'api'],
  verbs: [
    'errors',
    'oci',
    'content',
    'credentials',
    'archive',
    'registry',
    'layout',
    'serve',
    'operations',
    'containerize',
    'api',
  ],
  ui: ['errors', 'oci', 'content', 'credentials', 'operations', 'containerize', 'browse', 'verbs', 'api'],
  webview: ['api'],
  api: ['errors', 'apiContainerize', 'apiFiles', 'apiImage'],
  apiContainerize: [],
  apiFiles: [],
  apiImage: ['apiContainerize'],
};

/** Outside modules that stand behind one door. */
const doors: Readonly<Record<string, readonly string[]>> = {
  undici: ['registry/'],
  'tar-stream': ['archive/'],
  'node:zlib': ['archive/'],
  'node:crypto': ['oci/digest.ts'],
  'node:child_process': ['credentials/'],
  'node:http': ['serve/'],
  'node:https': [],
  yaml: ['containerize/spec/'],
  'smol-toml': ['containerize/toml.ts'],
  vscode: ['ui/', 'extension.ts'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = globSync('**/*.ts', { cwd: src }).map((file) => file.replaceAll(path.sep, '/'));

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(path.join(src, file), 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map((match) => ({ from: file, to: match[1] ?? match[2] ?? match[3] ?? '' }));
}

function target({ from, to }: Import): string {
  return path.posix.join(path.posix.dirname(from), to);
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, '');
}

const all = files.flatMap(importsOf);
const inner = all.filter(({ to }) => to.startsWith('.'));

describe('architecture', () => {
  it('finds the sources and their imports', () => {
    assert.ok(files.length > 20);
    assert.ok(inner.length > files.length);
  });

  it('lets each layer import only what the table allows', () => {
    const wrong = inner.filter((edge) => {
      const [from, to] = [folderOf(edge.from), folderOf(target(edge))];
      return from !== 'extension' && from !== to && !(layers[from] ?? []).includes(to);
    });
    assert.deepEqual(wrong, []);
  });

  it('has only folders that the table knows', () => {
    assert.deepEqual(
      files.filter((file) => folderOf(file) !== 'extension' && layers[folderOf(file)] === undefined),
      [],
    );
  });

  it('keeps each outside module behind its door', () => {
    const wrong = all.filter(({ from, to }) => {
      const name = to.startsWith('undici/') ? 'undici' : to;
      return doors[name] !== undefined && !doors[name].some((door) => from.startsWith(door));
    });
    assert.deepEqual(wrong, []);
  });

  it('has no import cycle', () => {
    const edges = new Map<string, string[]>();
    for (const edge of inner) edges.set(edge.from, [...(edges.get(edge.from) ?? []), target(edge)]);
    assert.equal(findCycle(edges), undefined);
  });

  it('has no test file whose hooks run before the tests of every other', () => {
    const tests = globSync('**/*.test.ts', { cwd: import.meta.dirname });
    const outside = tests.filter((file) =>
      /^(?:before|after)(?:Each)?\(/m.test(readFileSync(path.join(import.meta.dirname, file), 'utf8')),
    );
    assert.ok(tests.length > 150);
    assert.deepEqual(outside, []);
  });

  it('has no file of more than 300 lines', () => {
    const long = files.filter((file) => readFileSync(path.join(src, file), 'utf8').split('\n').length > 301);
    assert.deepEqual(long, []);
  });
});

function findCycle(edges: ReadonlyMap<string, readonly string[]>): string | undefined {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file].join(' -> ');
    if (done.has(file)) return undefined;
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
