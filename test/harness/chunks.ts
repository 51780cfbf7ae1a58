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
  const sizes = new Map<string, number>();
  for (const file of outputFiles) sizes.set(path.basename(file.path), await writeCommonJs(file, minify));
  const first = withImports(metafile, path.basename(outfile));
  const sum = (names: Iterable<string>): number => [...names].reduce((all, name) => all + (sizes.get(name) ?? 0), 0);
  return { metafile, total: sum(sizes.keys()), atOnce: sum(first) };
}

async function writeCommonJs(file: OutputFile, minify: boolean): Promise<number> {
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
  await writeFile(file.path, `${code}${link}`);
  return Buffer.byteLength(code);
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
