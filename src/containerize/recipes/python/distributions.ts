import type { Io } from '../../../content/store.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { normalName, parseRequirement, type Requirement } from './requirementNames.ts';

/** What is needed of a site-packages folder. */
export interface NeededDistributions {
  /** Relative to the folder, with `/`. */
  readonly files: ReadonlySet<string>;
  /** Names that are needed and not installed. */
  readonly missing: readonly string[];
}

interface Distribution {
  /** The folder `NAME-VERSION.dist-info`. */
  readonly at: string;
  readonly requires: readonly Requirement[];
}

const maxDistributions = 5_000;
const maxLines = 200_000;

/**
 * The files of what some requirements need in a site-packages folder, by what its distributions say of themselves: METADATA
 * (core metadata, `Requires-Dist`) and RECORD. Undefined where one of them has no RECORD.
 */
export async function neededDistributions(
  folder: ProjectFolder,
  site: string,
  needs: readonly Requirement[],
  io: Io,
): Promise<NeededDistributions | undefined> {
  const installed = await distributionsIn(folder, site, io);
  const files = new Set<string>();
  const missing = new Set<string>();
  const seen = new Set<string>();
  const waiting = [...needs];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const key = [next.name, ...next.extras].join();
    if (seen.has(key)) continue;
    seen.add(key);
    const found = installed.get(next.name);
    if (found === undefined) {
      if (!next.isConditional) missing.add(next.name);
      continue;
    }
    const { extras } = next;
    const { requires, at } = await readDistribution(folder, site, found, io);
    waiting.push(...requires.filter(({ forExtra }) => forExtra === undefined || extras.includes(forExtra)));
    const record = await recordOf(folder, `${site}/${at}`, io);
    if (record === undefined) return undefined;
    for (const file of record) files.add(file);
  }
  return { files, missing: [...missing] };
}

async function distributionsIn(folder: ProjectFolder, site: string, io: Io): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { name, kind } of await folder.list(site, io)) {
    const [, project] = /^([^/]{1,200}?)-[^-]{1,100}\.dist-info$/.exec(name) ?? [];
    if (kind === 'folder' && project !== undefined && found.size < maxDistributions)
      found.set(normalName(project), name);
  }
  return found;
}

async function readDistribution(folder: ProjectFolder, site: string, at: string, io: Io): Promise<Distribution> {
  const text = (await folder.text(`${site}/${at}/METADATA`, io)) ?? '';
  const requires: Requirement[] = [];
  for (const line of text.split('\n', maxLines)) {
    if (line.trim() === '') break;
    const [, value] = /^Requires-Dist:(.*)$/i.exec(line) ?? [];
    const one = value === undefined ? undefined : parseRequirement(value);
    if (one !== undefined) requires.push(one);
  }
  return { at, requires };
}

/** The paths in a RECORD (PEP 376) that are in the site-packages folder: not its commands, which name this machine's Python. */
async function recordOf(folder: ProjectFolder, at: string, io: Io): Promise<readonly string[] | undefined> {
  const text = await folder.text(`${at}/RECORD`, io);
  return text?.split('\n', maxLines).flatMap((line) => {
    const [, quoted, plain] = /^(?:"([^"]*)"|([^",]+)),/.exec(line) ?? [];
    const file = quoted ?? plain ?? '';
    return file === '' || file.startsWith('/') || file.split('/').includes('..') ? [] : [file];
  });
}

/** The commands of the distributions in a folder (entry-points specification, `console_scripts`): what each calls. */
export async function consoleScripts(
  folder: ProjectFolder,
  site: string,
  io: Io,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const at of (await distributionsIn(folder, site, io)).values()) {
    const text = (await folder.text(`${site}/${at}/entry_points.txt`, io)) ?? '';
    let section = '';
    for (const line of text.split('\n', maxLines).map((one) => one.trim())) {
      if (line.startsWith('[')) section = line;
      const [, name, target] = /^([\w.-]{1,200})\s*=\s*([A-Za-z_][\w.]{0,200}:[A-Za-z_][\w.]{0,200})/.exec(line) ?? [];
      if (section === '[console_scripts]' && name !== undefined && target !== undefined) found.set(name, target);
    }
  }
  return found;
}
