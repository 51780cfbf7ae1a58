import { isObject, type JsonObject, stringList } from '../../oci/json.ts';
import { normalName } from '../recipes/python/requirementNames.ts';
import { parseToml } from '../toml.ts';
import { asObject, jsonObject, objectMembers, objectsIn, reachable } from './lockFile.ts';
import { pythonPackage } from './pythonPackage.ts';
import { plainLine, type SbomPackage } from './sbomPackage.ts';

const maxLine = 2000;

/** The packages of a poetry.lock but those of other groups than the main one. @throws OciError invalid-spec */
export function poetryLockPackages(text: string): readonly SbomPackage[] {
  const lock = asObject(parseToml(text, 'poetry.lock'), 'poetry.lock');
  return objectsIn(lock['package']).flatMap((entry) => {
    const { name, version, category, groups } = entry;
    const isMain = Array.isArray(groups) ? groups.includes('main') : category !== 'dev';
    const isLocal = isObject(entry['source']) && entry['source']['type'] === 'directory';
    return isMain && !isLocal ? pythonPackage(name, version) : [];
  });
}

/** What `uv sync --no-dev` installs of a uv.lock, with every extra. @throws OciError invalid-spec */
export function uvLockPackages(text: string): readonly SbomPackage[] {
  const lock = asObject(parseToml(text, 'uv.lock'), 'uv.lock');
  const entries = objectsIn(lock['package']);
  const named = Map.groupBy(entries, ({ name }) => normalName(plainLine(name) ?? ''));
  const roots = entries.filter(isLocal);
  const next = (entry: JsonObject): readonly JsonObject[] =>
    needs(entry).flatMap((name) => named.get(normalName(name)) ?? []);
  const used = roots.length === 0 ? new Set(entries) : reachable(roots, next);
  return entries.flatMap((entry) =>
    used.has(entry) && !isLocal(entry) ? pythonPackage(entry['name'], entry['version']) : [],
  );
}

function isLocal({ source }: JsonObject): boolean {
  return isObject(source) && ['virtual', 'editable', 'directory'].some((kind) => kind in source);
}

function needs(entry: JsonObject): readonly string[] {
  const extras = isObject(entry['optional-dependencies']) ? Object.values(entry['optional-dependencies']) : [];
  const lists = [entry['dependencies'], ...extras];
  return lists.flatMap((list) => stringList(objectsIn(list).map(({ name }) => name)));
}

/** The default packages of a Pipfile.lock. @throws OciError invalid-spec */
export function pipfileLockPackages(text: string): readonly SbomPackage[] {
  const lock = jsonObject(text, 'Pipfile.lock');
  return objectMembers(lock['default']).flatMap(([name, { version }]) =>
    typeof version === 'string' ? pythonPackage(name, version.replace(/^===?/, '')) : [],
  );
}

/** The packages that a requirements.txt pins: `name==1.0`. What names no single version is left out. */
export function requirementsPackages(text: string): readonly SbomPackage[] {
  return text.split(/\r?\n/).flatMap((line) => {
    if (line.length > maxLine) return [];
    const pinned = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\]\s*)?={2,3}\s*([\w.!+-]+)\s*(?:$|[;#\\]|--)/.exec(line);
    return pinned === null ? [] : pythonPackage(pinned[1], pinned[2]);
  });
}

/** The installed package that a `*.dist-info/METADATA` is of (Python packaging, core metadata). */
export function distInfoPackages(text: string): readonly SbomPackage[] {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line === '') break;
    const field = /^([A-Za-z-]+):[ \t]*(.*)$/.exec(line);
    const name = field?.[1]?.toLowerCase() ?? '';
    if (field !== null && !fields.has(name)) fields.set(name, field[2] ?? '');
  }
  const licence = known(fields.get('license-expression') ?? fields.get('license'));
  return pythonPackage(fields.get('name'), fields.get('version'), licence);
}

/** Old tools wrote UNKNOWN where nothing was said. */
function known(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' || text.length > 200 || text === 'UNKNOWN' ? undefined : text.trim();
}
