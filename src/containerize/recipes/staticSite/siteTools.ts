import type { Io } from '../../../content/store.ts';
import { isFile, readableText } from '../folder/onDisk.ts';
import { type PackageJson, readJsonFile, readPackageJson } from '../node/packageJson.ts';
import { buildScript, packageManagerOf } from '../node/packageManager.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { BuildStep } from '../recipe.ts';
import { isObject } from '../../../oci/json.ts';

/** What makes a site, and where it puts it. */
export interface SiteTool {
  /** Such as `Vite`. */
  readonly name: string;
  /** Folders the site may be in, the likeliest first. */
  readonly outputs: readonly string[];
  /** Absent where nothing has to be built. */
  readonly step?: BuildStep;
}

interface NodeTool {
  readonly name: string;
  readonly packages: readonly string[];
  readonly outputs: readonly string[];
}

/** The more special come first: many of them bring Vite along. */
const nodeTools: readonly NodeTool[] = [
  { name: 'Astro', packages: ['astro'], outputs: ['dist'] },
  { name: 'Docusaurus', packages: ['@docusaurus/core'], outputs: ['build'] },
  { name: 'Gatsby', packages: ['gatsby'], outputs: ['public'] },
  { name: 'Eleventy', packages: ['@11ty/eleventy'], outputs: ['_site'] },
  { name: 'VitePress', packages: ['vitepress'], outputs: ['.vitepress/dist', 'docs/.vitepress/dist'] },
  { name: 'Angular', packages: ['@angular/cli', '@angular-devkit/build-angular', '@angular/build'], outputs: ['dist'] },
  { name: 'Create React App', packages: ['react-scripts'], outputs: ['build'] },
  { name: 'Vue CLI', packages: ['@vue/cli-service'], outputs: ['dist'] },
  { name: 'SvelteKit', packages: ['@sveltejs/adapter-static'], outputs: ['build'] },
  { name: 'Parcel', packages: ['parcel'], outputs: ['dist'] },
  { name: 'Vite', packages: ['vite'], outputs: ['dist'] },
];

interface OtherTool extends SiteTool {
  readonly files: readonly string[];
  readonly command: string;
  readonly args: readonly string[];
  readonly howToGet: string;
}

const otherTools: readonly OtherTool[] = [
  {
    name: 'Hugo',
    files: ['hugo.toml', 'hugo.yaml', 'hugo.json', 'config/_default/hugo.toml', 'config/_default/config.toml'],
    outputs: ['public'],
    command: 'hugo',
    args: ['--minify'],
    howToGet: 'Install Hugo: https://gohugo.io/installation.',
  },
  {
    name: 'Jekyll',
    files: ['_config.yml'],
    outputs: ['_site'],
    command: 'bundle',
    args: ['exec', 'jekyll', 'build'],
    howToGet: 'Install Ruby and Bundler, then run "bundle install": https://jekyllrb.com/docs/installation.',
  },
  {
    name: 'MkDocs',
    files: ['mkdocs.yml', 'mkdocs.yaml'],
    outputs: ['site'],
    command: 'mkdocs',
    args: ['build'],
    howToGet: 'Install MkDocs: "pip install mkdocs".',
  },
];

const plainOutputs = ['dist', 'build', 'out', '_site', 'public', '.'];

/** What makes a site of a folder; undefined where it holds none. */
export async function siteTool(folder: ProjectFolder, io: Io): Promise<SiteTool | undefined> {
  const json = await readPackageJson(folder, '.', io);
  const ofNode = json === undefined ? undefined : await nodeTool(folder, json, io);
  if (ofNode !== undefined) return ofNode;
  for (const { name, outputs, files, command, args, howToGet } of otherTools) {
    for (const file of files) {
      if (!(await isFile(folder, file))) continue;
      const title = [command, ...args].join(' ');
      return { name, outputs, step: { title, command, args, directory: folder.root, env: {}, howToGet } };
    }
  }
  const outputs = json === undefined ? plainOutputs : plainOutputs.filter((one) => one !== '.');
  const built = json?.scripts['build'] === undefined ? outputs : outputs.filter((one) => one !== 'public');
  return (await siteFolder(folder, built, io)) === undefined ? undefined : { name: 'HTML', outputs: built };
}

async function nodeTool(folder: ProjectFolder, json: PackageJson, io: Io): Promise<SiteTool | undefined> {
  if (json.scripts['build'] === undefined) return undefined;
  const named = new Set([...json.dependencies, ...json.devDependencies, ...json.optional]);
  const tool =
    (await nextExport(folder, named, io)) ?? nodeTools.find(({ packages }) => packages.some((one) => named.has(one)));
  if (tool === undefined || isServer(tool.name, named)) return undefined;
  const { name, outputs } = tool;
  const own = name === 'Angular' ? await angularOutputs(folder, io) : [];
  const step = await buildScript(folder, '.', await packageManagerOf(folder, json), json);
  return { name, outputs: [...own, ...outputs], step };
}

/** Next.js writes a site only where it is told to (`output: 'export'`). */
async function nextExport(folder: ProjectFolder, named: ReadonlySet<string>, io: Io): Promise<NodeTool | undefined> {
  if (!named.has('next')) return undefined;
  for (const file of ['next.config.js', 'next.config.mjs', 'next.config.cjs', 'next.config.ts']) {
    const text = await readableText(folder, file, io);
    if (/\boutput['"]?\s{0,20}:\s{0,20}['"`]export['"`]/.test((text ?? '').slice(0, 1 << 20))) {
      return { name: 'Next.js', packages: ['next'], outputs: ['out'] };
    }
  }
  return undefined;
}

/** With these the tool makes a server, not files. */
function isServer(name: string, named: ReadonlySet<string>): boolean {
  const servers: Readonly<Record<string, string>> = { Astro: '@astrojs/node', Angular: '@angular/ssr' };
  const isOwn = servers[name] !== undefined && named.has(servers[name]);
  return (
    isOwn || (name === 'Vite' && ['next', 'nuxt', '@sveltejs/kit', 'express', 'fastify'].some((one) => named.has(one)))
  );
}

/** `outputPath` of the projects in angular.json. */
async function angularOutputs(folder: ProjectFolder, io: Io): Promise<readonly string[]> {
  const projects = (await readJsonFile(folder, 'angular.json', io))?.['projects'];
  const found: string[] = [];
  for (const project of isObject(projects) ? Object.values(projects).slice(0, 100) : []) {
    const value = member(project, 'architect', 'build', 'options', 'outputPath');
    const base = typeof value === 'string' ? value : member(value, 'base');
    const isInside =
      typeof base === 'string' && /^[\w@.-]+(?:\/[\w@.-]+){0,20}$/.test(base) && !base.split('/').includes('..');
    if (isInside) found.push(base);
  }
  return found;
}

function member(value: unknown, ...names: readonly string[]): unknown {
  let at = value;
  for (const name of names) at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return at;
}

/** The folder among these, or two levels below them (Angular's `dist/NAME/browser`), with an index.html. */
export async function siteFolder(
  folder: ProjectFolder,
  outputs: readonly string[],
  io: Io,
): Promise<string | undefined> {
  for (const output of outputs) {
    if (await isFile(folder, `${output}/index.html`)) return output;
    if (output === '.') continue;
    const below = (await folder.list(output, io)).filter(({ kind }) => kind === 'folder').slice(0, 100);
    for (const name of ['browser', ...below.flatMap((one) => [`${one.name}/browser`, one.name])]) {
      if (await isFile(folder, `${output}/${name}/index.html`)) return `${output}/${name}`;
    }
  }
  return undefined;
}
