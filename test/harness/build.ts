import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { buildChunks, type Chunks } from './chunks.ts';
import { bundle, outPath, root } from './paths.ts';

/** Bytes of the minified code that every activation reads. */
const maxBytesAtOnce = 200 * 1024;
/** Bytes of all of it: the rest is read when it is first used. */
const maxBytes = 1500 * 1024;

export interface ExtensionBuild {
  /** Default: src/extension.ts. */
  readonly entry?: string;
  /** Default: dist/extension.cjs. */
  readonly outfile?: string;
  /** Default: true. Otherwise source maps are written beside the files. */
  readonly minify?: boolean;
}

/** Bytes. */
export type ExtensionSize = Pick<Chunks, 'total' | 'atOnce'>;

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['vscode'],
  metafile: true,
  // undici's own switch for bundles: without it an experimental second parser comes along.
  define: { esbuildDetection: 'true' },
  logLevel: 'warning',
  logOverride: { 'empty-import-meta': 'error' },
} as const satisfies BuildOptions;

/** Bundles the extension into CommonJS files. Returns the bytes of all. @throws Error where they are over the limits */
export async function buildExtension(options: ExtensionBuild = {}): Promise<ExtensionSize> {
  const { entry = path.join(root, 'src/extension.ts'), outfile = bundle, minify = true } = options;
  if (!existsSync(entry)) throw new Error(`there is no ${path.relative(root, entry)} to build`);
  const directory = path.dirname(outfile);
  rmSync(directory, { recursive: true, force: true });
  const { metafile, ...size } = await buildChunks({
    entry,
    outfile,
    minify,
    options: { ...common, plugins: [lessUndici] },
  });
  await buildPage(directory);
  writeFileSync(path.join(directory, 'licenses.txt'), await licenses(metafile));
  if (minify && (size.total > maxBytes || size.atOnce > maxBytesAtOnce)) {
    throw new Error(`the bundle is too large: ${sizeText(size)}`);
  }
  return size;
}

/** Such as `800 KB, 340 KB of it read at the start`. */
export function sizeText({ total, atOnce }: ExtensionSize): string {
  return `${(total / 1024).toFixed(0)} KB, ${(atOnce / 1024).toFixed(0)} KB of it read at the start`;
}

/** Bundles the script of the image report's page beside the extension. */
async function buildPage(directory: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [path.join(root, 'src/webview/report.ts')],
    outfile: path.join(directory, 'report.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'chrome138',
    logLevel: 'warning',
  });
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
  console.log(`${path.relative(root, bundle)}  ${sizeText(size)}`);
  return 0;
}

/** What stands for a part of undici that is never used; nothing is ever its FormData. */
const unused = 'module.exports = () => undefined; module.exports.webidl = { is: { FormData: () => false } };';

/**
 * Leaves out what this program never uses of undici: its WebAssembly parser without SIMD, which every VS Code has; HTTP/2,
 * which `allowH2: false` switches off; SOCKS, which `parseProxy` refuses; the bodies of fetch.
 */
const lessUndici: Plugin = {
  name: 'less-undici',
  setup(context) {
    context.onResolve({ filter: /\/llhttp-wasm\.js$/ }, ({ resolveDir }) => ({
      path: path.join(resolveDir, '../llhttp/llhttp_simd-wasm.js'),
    }));
    const parts = /\/(?:client-h2\.js|socks5-proxy-agent|web\/fetch\/body\.js|web\/fetch\/formdata|web\/webidl)$/;
    context.onResolve({ filter: parts }, ({ path: part }) => ({ path: part, namespace: 'unused' }));
    context.onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: unused }));
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
