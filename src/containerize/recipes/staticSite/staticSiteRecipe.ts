import type { PathFilter } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import { OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ImageBlueprint, LayerBlueprint } from '../../blueprint.ts';
import { below, both, filesWhere, outputRules, withoutNames } from '../folder/pathFilters.ts';
import { reaches } from '../node/appLayer.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { BuildContext, Project, Recipe } from '../recipe.ts';
import { documentRoot, webServers } from './documentRoot.ts';
import { siteFolder, type SiteTool, siteTool } from './siteTools.ts';

const never = withoutNames(new Set(['.git', '.hg', '.svn', 'node_modules', '.DS_Store', 'Thumbs.db']));
const maxFolders = 20_000;

/** Sites that a web server hands out as they are: what a generator or a bundler wrote, or plain HTML. */
export const staticSiteRecipe: Recipe = { name: 'static-site', detect };

async function detect(folder: ProjectFolder, io: Io): Promise<readonly Project[]> {
  const tool = await siteTool(folder, io);
  if (tool === undefined) return [];
  return [
    {
      recipe: 'static-site',
      id: '.',
      title: `Static site (${tool.name})`,
      bases: webServers,
      builds: async () => (tool.step === undefined ? [] : [tool.step]),
      image: async (build, now) => image(folder, tool, build, now),
    },
  ];
}

async function image(folder: ProjectFolder, tool: SiteTool, build: BuildContext, io: Io): Promise<ImageBlueprint> {
  const found = await siteFolder(folder, tool.outputs, io);
  const site = found === undefined ? undefined : await folder.real(found);
  if (site === undefined) throw notBuilt(folder, tool);
  const base = build.base ?? webServers[0] ?? 'scratch';
  const { root, isKnown } = documentRoot(base);
  const index = site === '.' ? 'index.html' : `${site}/index.html`;
  // A folder that a build wrote is often ignored as one that can be written again.
  const chosen = reaches(build.filter, index) ? below(build.filter, site) : outputRules(build, site);
  const rules = both(chosen, never);
  const text = `It is not known where ${escapeText(base)} has its files; the site is put into ${root}.`;
  return {
    base,
    layers: await siteLayers(folder, { site, root, rules }, io),
    config: {},
    programs: [],
    warnings: isKnown ? [] : [{ code: 'note', text }],
    materials: [],
  };
}

function notBuilt(folder: ProjectFolder, { outputs, step }: SiteTool): OciError {
  const way = step === undefined ? 'Build the site first.' : `Run "${step.title}" there, or let it be built.`;
  return new OciError(
    'not-found',
    `there is no index.html in ${escapeText(outputs.join(', '))} of ${escapeText(folder.root)}. ${way}`,
  );
}

interface Site {
  readonly site: string;
  readonly root: string;
  readonly rules: PathFilter;
}

/** Files with a hash in their name never change, those without do with each build: each kind has its layer. */
async function siteLayers(
  folder: ProjectFolder,
  { site, root, rules }: Site,
  io: Io,
): Promise<readonly LayerBlueprint[]> {
  const enters = (path: string): boolean => rules.keeps(path, true) || rules.enters(path);
  const layer = (name: string, keeps: (path: string) => boolean): LayerBlueprint => {
    const filter = filesWhere((path) => rules.keeps(path, false) && keeps(path), enters);
    return { name, files: [{ from: folder.path(site), to: root, filter }] };
  };
  const rest = layer('site', (path) => !isHashed(path));
  return (await hasHashed(folder, site, enters, io)) ? [layer('assets', isHashed), rest] : [rest];
}

/** True for a name with a hash of its content, such as `index-DiwrgTda.js` or `main.8f3a21bc.css`. */
export function isHashed(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const found = /[.-]([\w-]{8,64})\.[a-z0-9]{1,10}(?:\.map|\.br|\.gz)?$/i.exec(name)?.[1] ?? '';
  const hash = found.slice(found.lastIndexOf('-') + 1);
  const isMixed = /\d/.test(hash) || (/[a-z]/.test(hash) && /[A-Z]/.test(hash));
  return hash.length >= 8 && isMixed && !/\.html?$/i.test(name);
}

async function hasHashed(
  folder: ProjectFolder,
  site: string,
  enters: (path: string) => boolean,
  io: Io,
): Promise<boolean> {
  const waiting = [''];
  for (let count = 0; count < maxFolders; count++) {
    const at = waiting.pop();
    if (at === undefined) return false;
    for (const { name, kind } of await folder.list(at === '' ? site : `${site}/${at}`, io)) {
      const path = at === '' ? name : `${at}/${name}`;
      if (kind === 'file' && isHashed(path)) return true;
      if (kind === 'folder' && enters(path)) waiting.push(path);
    }
  }
  return false;
}
