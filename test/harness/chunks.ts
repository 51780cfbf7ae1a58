import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, type Metafile, type OutputFile, transform } from 'esbuild';

export interface ChunkOptions {
  readonly entry: string;
  /** The CommonJS file to write; its chunks go beside it. */
  readonly outfile: string;
  readonly minify: boolean;
  readonly options: BuildOptions;
}

export interface Chunks {
  readonly metafile: Metafile;
  /** Bytes of all files. */
  readonly total: number;
  /** Bytes of the files that are loaded with the entry: the others wait for an `import()`. */
  readonly atOnce: number;
}

/**
 * Bundles a program into CommonJS files of which only those are read at its start that it needs then. esbuild splits ES modules
 * only, so each file is made CommonJS afterwards.
 */
export async function buildChunks({ entry, outfile, minify, options }: ChunkOptions): Promise<Chunks> {
  const directory = path.dirname(outfile);
  const { metafile, outputFiles } = await build({
    ...options,
    entryPoints: [{ in: entry, out: path.basename(outfile, '.cjs') }],
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    chunkNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    minify,
    sourcemap: minify ? false : 'inline',
    metafile: true,
    write: false,
  });
  await mkdir(directory, { recursive: true });
  const entryName = path.basename(outfile);
  const first = withImports(metafile, entryName);
  const codes = new Map<string, string>();
  for (const file of outputFiles) codes.set(path.basename(file.path), await commonJs(file, minify));
  const sum = (names: Iterable<string>): number =>
    [...names].reduce((all, name) => all + Buffer.byteLength(codes.get(name) ?? ''), 0);
  const sizes = { total: sum(codes.keys()), atOnce: sum(first) };
  // One file is read faster than many; a development build keeps them apart, with their source maps.
  if (minify) joinFiles(codes, [...first], entryName);
  for (const [name, code] of codes) await writeFile(path.join(directory, name), code);
  return { metafile, ...sizes };
}

/** Modules of Node that take a while to load, and that nothing uses while the entry is loaded. */
const lateModules = ['crypto', 'zlib', 'tls', 'child_process', 'worker_threads', 'http'].map((name) => `node:${name}`);

/**
 * Puts files that are always loaded into the entry. What stays in their places are references to them: of a module there must
 * be one only. The parentheses make V8 compile each at once instead of looking at it twice.
 */
function joinFiles(codes: Map<string, string>, names: readonly string[], entry: string): void {
  const modules = names.map(
    (name) => `${JSON.stringify(`./${name}`)}:(function(module,exports,require){${codes.get(name) ?? ''}})`,
  );
  const lines = [
    '"use strict";const own=require,loaded=new Map();',
    `const late=new Set(${JSON.stringify(lateModules)});`,
    'const whenUsed=(id)=>new Proxy({},{get:(_,name)=>own(id)[name],has:(_,name)=>name in own(id),',
    'ownKeys:()=>Reflect.ownKeys(own(id)),getOwnPropertyDescriptor:(_,name)=>',
    '({value:own(id)[name],configurable:true,enumerable:true,writable:true})});',
    'const load=(id)=>{const code=modules[id];if(!code)return late.has(id)?whenUsed(id):own(id);let it=loaded.get(id);',
    'if(!it){it={exports:{}};loaded.set(id,it);code(it,it.exports,load)}return it.exports};',
    `const modules={${modules.join(',\n')}};`,
    `module.exports={...load(${JSON.stringify(`./${entry}`)}),load};`,
  ];
  for (const name of names)
    codes.set(name, `module.exports=require("./${entry}").load(${JSON.stringify(`./${name}`)});\n`);
  codes.set(entry, lines.join('\n'));
}

async function commonJs(file: OutputFile, minify: boolean): Promise<string> {
  const { code, map } = await transform(file.text, {
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    minify,
    sourcemap: minify ? false : 'external',
    sourcefile: path.basename(file.path),
    // An import() of the extension host would ask VS Code's loaders; require does not.
    supported: { 'dynamic-import': false },
    logOverride: { 'empty-import-meta': 'error' },
    logLevel: 'warning',
  });
  const link = map === '' ? '' : `//# sourceMappingURL=${path.basename(file.path)}.map\n`;
  if (map !== '') await writeFile(`${file.path}.map`, map);
  return `${code}${link}`;
}

/** The names of a file and of all that it imports at once. */
function withImports({ outputs }: Metafile, entry: string): ReadonlySet<string> {
  const imports = new Map(
    Object.entries(outputs).map(([file, output]) => [
      path.basename(file),
      output.imports.filter(({ kind }) => kind === 'import-statement').map((one) => path.basename(one.path)),
    ]),
  );
  const found = new Set([entry]);
  for (const name of found) for (const imported of imports.get(name) ?? []) found.add(imported);
  return found;
}
