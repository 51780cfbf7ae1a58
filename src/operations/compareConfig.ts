import type { ConfigDifference } from '../api.ts';
import type { ImageConfig } from '../oci/imageConfig.ts';
import { isObject } from '../oci/json.ts';

/** Members whose values stand under the names inside them. */
const groups: ReadonlySet<string> = new Set(['Labels', 'ExposedPorts', 'Volumes']);

/** What builders leave behind about themselves: it says nothing of the image. */
const leftovers: ReadonlySet<string> = new Set(
  'config container container_config docker_version history id parent parent_id rootfs size Size throwaway'.split(' '),
);

/** Deepest value that is told from another one. */
const maxDepth = 64;

/**
 * How two image configs differ (image-spec config.md), by names such as `Env.PATH`, `Entrypoint`, `Labels.version`,
 * `created`, `history.length`; in the order of the names. Texts stand as they are, everything else as JSON. What is
 * empty or null counts as absent, but for values of variables and labels.
 */
export function compareConfig(
  left: ImageConfig | undefined,
  right: ImageConfig | undefined,
): readonly ConfigDifference[] {
  const [before, after] = [flatten(left), flatten(right)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const difference = { name, before: before.get(name) ?? null, after: after.get(name) ?? null };
    return difference.before === difference.after ? [] : [difference];
  });
}

function flatten(config: ImageConfig | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (config === undefined) return found;
  const { json } = config;
  for (const [name, value] of Object.entries(json)) if (!leftovers.has(name)) put(found, name, value);
  for (const [name, value] of Object.entries(isObject(json['config']) ? json['config'] : {})) {
    if (name === 'Env' && Array.isArray(value)) putVariables(found, value);
    else if (groups.has(name) && isObject(value)) putGroup(found, name, value);
    else put(found, name, value);
  }
  if (config.history.length > 0) found.set('history.length', String(config.history.length));
  return found;
}

/** As processes see the variables: of one that is there twice the last. */
function putVariables(found: Map<string, string>, variables: readonly unknown[]): void {
  for (const variable of variables) {
    if (typeof variable !== 'string') continue;
    const at = variable.indexOf('=');
    found.set(`Env.${at < 0 ? variable : variable.slice(0, at)}`, at < 0 ? '' : variable.slice(at + 1));
  }
}

function putGroup(found: Map<string, string>, group: string, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    found.set(`${group}.${name}`, typeof value === 'string' ? value : jsonText(value, 0));
  }
}

function put(found: Map<string, string>, name: string, value: unknown): void {
  const text = typeof value === 'string' ? value : jsonText(value, 0);
  if (!['', 'null', '[]', '{}'].includes(text)) found.set(name, text);
}

/** JSON with names in order, so that equal values have equal texts; bounded, for JSON.stringify is recursive. */
function jsonText(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth > maxDepth) return '…';
  if (Array.isArray(value)) return `[${value.map((entry) => jsonText(entry, depth + 1)).join(',')}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, entry]) => `${JSON.stringify(name)}:${jsonText(entry, depth + 1)}`).join(',')}}`;
}
