import { existsSync, globSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { bundle, outPath, root } from './paths.ts';

/** Bytes the minified bundle may have. */
export const maxBundleBytes = 700 * 1024;

export interface ExtensionBuild {
  /** Default: src/extension.ts. */
  readonly entry?: string;
  /** Default: dist/extension.cjs. */
  readonly outfile?: string;
  /** Default: true. Otherwise a source map is written beside the bundle. */
  readonly minify?: boolean;
}

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['vscode'],
  metafile: true,
  logLevel: 'warning',
  logOverride: { 'empty-import-meta': 'error' },
} as const satisfies BuildOptions;

/** Bundles the extension into one CommonJS file. Returns its size in bytes. @throws Error where it is over the limit */
export async function buildExtension(options: ExtensionBuild = {}): Promise<number> {
  const { entry = path.join(root, 'src/extension.ts'), outfile = bundle, minify = true } = options;
  if (!existsSync(entry)) throw new Error(`there is no ${path.relative(root, entry)} to build`);
  rmSync(path.dirname(outfile), { recursive: true, force: true });
  const result = await build({
    ...common,
    entryPoints: [entry],
    outfile,
    minify,
    sourcemap: minify ? false : 'linked',
    plugins: [oneParser],
  });
  writeFileSync(path.join(path.dirname(outfile), 'licenses.txt'), await licenses(result.metafile));
  const { size } = statSync(outfile);
  if (minify && size > maxBundleBytes) {
    throw new Error(`the bundle has ${size} bytes, more than the ${maxBundleBytes} it may have`);
  }
  return size;
}

/** Bundles test/host into out/host, one file that VS Code's extension host runs. Returns its path. */
export async function buildHostTests(): Promise<string> {
  const outfile = outPath('host/index.cjs');
  const tests = globSync('test/host/**/*.test.ts', { cwd: root }).sort();
  const loads = tests.map((file) => `require(${JSON.stringify(`./${file.replaceAll(path.sep, '/')}`)});`);
  const contents = `import { runInHost } from './test/host/index.ts';
    export const run = () => runInHost(() => { ${loads.join(' ')} });`;
  const external = ['vscode', 'mocha'];
  await build({ ...common, stdin: { contents, resolveDir: root }, outfile, sourcemap: 'inline', external });
  return outfile;
}

/** `npm run build [-- --dev]`. */
export async function main(args: readonly string[]): Promise<number> {
  const size = await buildExtension({ minify: !args.includes('--dev') });
  console.log(`${path.relative(root, bundle)}  ${(size / 1024).toFixed(0)} KB`);
  return 0;
}

/** undici holds each of its WebAssembly parsers twice, with and without SIMD; every VS Code has SIMD. */
const oneParser: Plugin = {
  name: 'one-parser',
  setup(context) {
    const twins: Readonly<Record<string, string>> = {
      '../milo/no-simd.js': 'milo/simd.js',
      '../llhttp/llhttp-wasm.js': 'llhttp/llhttp_simd-wasm.js',
    };
    context.onResolve({ filter: /\/(?:no-simd|llhttp-wasm)\.js$/ }, ({ path: wanted, resolveDir }) => {
      const twin = twins[wanted];
      return twin === undefined ? undefined : { path: path.join(resolveDir, '..', twin) };
    });
  },
};

async function licenses(metafile: Metafile): Promise<string> {
  const folders = new Set<string>();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (found !== undefined) folders.add(found);
  }
  const texts = [...folders].sort().map(async (folder) => {
    const file = globSync('{LICENSE,LICENCE,license}*', { cwd: path.join(root, folder) })[0];
    if (file === undefined) throw new Error(`${folder} has no licence text to ship with the bundle`);
    return `${folder.replace(/^.*node_modules\//, '')}\n\n${await readFile(path.join(root, folder, file), 'utf8')}`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
