import type { ConfigChange } from '../api.ts';
import { isObject, type JsonObject } from '../oci/json.ts';

/** What differs between the `config` members of two image configs (image-spec config.md), member by member, for people. */
export function configChanges(before: unknown, after: unknown): readonly ConfigChange[] {
  const [a, b] = [objectOf(before), objectOf(after)];
  const members = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return members.flatMap((member) => {
    const [old, now] = [rowsOf(member, a[member]), rowsOf(member, b[member])];
    const names = [...new Set([...old.keys(), ...now.keys()])];
    return names
      .filter((name) => old.get(name) !== now.get(name))
      .map((name) => ({ member: name, before: old.get(name) ?? null, after: now.get(name) ?? null }));
  });
}

/** Env, Labels, ExposedPorts and Volumes are compared one by one, everything else whole. */
function rowsOf(member: string, value: unknown): ReadonlyMap<string, string> {
  if (value === undefined || value === null || value === '') return new Map();
  if (member === 'Env' && Array.isArray(value)) {
    return new Map(value.map((entry) => variable(String(entry))));
  }
  if (isObject(value) && member === 'Labels') {
    return new Map(Object.entries(value).map(([name, text]) => [`Label ${name}`, String(text)]));
  }
  if (isObject(value) && (member === 'ExposedPorts' || member === 'Volumes')) {
    return new Map(Object.keys(value).map((name) => [`${member} ${name}`, name]));
  }
  return new Map([[member, typeof value === 'string' ? value : JSON.stringify(value)]]);
}

function variable(entry: string): readonly [string, string] {
  const [name = '', ...value] = entry.split('=');
  return [`Env ${name}`, value.join('=')];
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
