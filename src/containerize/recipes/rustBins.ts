import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { isObject, type JsonObject, stringList } from '../../oci/json.ts';
import type { ProjectFolder } from './projectFolder.ts';
import { isCrateName, type RustPackage } from './rustWorkspace.ts';

/** A program of a package. */
export interface RustBin {
  readonly package: string;
  readonly name: string;
  /** Features that it is built with only. */
  readonly features: readonly string[];
}

const maxBins = 200;

/**
 * The programs of a package, the one that `cargo run` takes first (The Cargo Book, Cargo Targets): those in `[[bin]]`, and
 * without `autobins = false` src/main.rs and what is in src/bin.
 */
export async function rustBins(folder: ProjectFolder, found: RustPackage, io: Io): Promise<readonly RustBin[]> {
  const { name, manifest } = found;
  const own = isObject(manifest['package']) ? manifest['package'] : {};
  const named = binTables(manifest);
  const names = own['autobins'] === false ? [] : await namesOnDisk(folder, found, io);
  const bins = new Map<string, RustBin>();
  for (const table of named) {
    const bin = table['name'] ?? name;
    const features = stringList(table['required-features']).filter((feature) => /^[\w+./-]+$/.test(feature));
    if (isCrateName(bin)) bins.set(bin, { package: name, name: bin, features });
  }
  const placed = new Set(named.map((table) => table['path']).filter((place) => typeof place === 'string'));
  for (const [bin, place] of names) {
    if (!bins.has(bin) && !placed.has(place) && isCrateName(bin)) {
      bins.set(bin, { package: name, name: bin, features: [] });
    }
  }
  const first = own['default-run'] ?? name;
  const all = [...bins.values()].slice(0, maxBins);
  return all.sort((a, b) => Number(b.name === first) - Number(a.name === first));
}

function binTables(manifest: JsonObject): readonly JsonObject[] {
  const { bin } = manifest;
  return Array.isArray(bin) ? bin.filter(isObject).slice(0, maxBins) : [];
}

/** Names and the sources that they come from. */
async function namesOnDisk(
  folder: ProjectFolder,
  { name, folder: at }: RustPackage,
  io: Io,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  if (await folder.has(path.posix.join(at, 'src/main.rs'))) names.set(name, 'src/main.rs');
  for (const entry of await folder.list(path.posix.join(at, 'src/bin'), io)) {
    const inside = `src/bin/${entry.name}`;
    if (entry.kind === 'file' && entry.name.endsWith('.rs')) names.set(entry.name.slice(0, -3), inside);
    const main = `${inside}/main.rs`;
    if (entry.kind === 'folder' && (await folder.has(path.posix.join(at, main)))) names.set(entry.name, main);
  }
  return names;
}
