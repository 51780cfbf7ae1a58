import { OciError } from '../../errors.ts';
import { isObject, type JsonObject, parseJson } from '../../oci/json.ts';

/** Most bytes of a lock file that is read. */
export const maxLockBytes = 32 << 20;

/** A lock file that is one JSON object, a byte order mark before it left out. @throws OciError invalid-spec */
export function jsonObject(text: string, what: string): JsonObject {
  const value = parseJson(Buffer.from(text.replace(/^\uFEFF/, '')), what, 'invalid-spec');
  return asObject(value, what);
}

/** @throws OciError invalid-spec for what is no object */
export function asObject(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value;
  throw new OciError('invalid-spec', `${what} holds no object: it is no such lock file, or damaged.`);
}

/** The objects in a list; others are left out. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The members of an object that are objects; others are left out. */
export function objectMembers(value: unknown): readonly (readonly [name: string, member: JsonObject])[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]): readonly (readonly [string, JsonObject])[] =>
    isObject(member) ? [[name, member]] : [],
  );
}

/** Everything that can be reached from some nodes, each once. */
export function reachable<Node>(from: readonly Node[], next: (node: Node) => readonly Node[]): ReadonlySet<Node> {
  const found = new Set(from);
  // A set that grows is iterated to its new end.
  for (const node of found) for (const each of next(node)) found.add(each);
  return found;
}
