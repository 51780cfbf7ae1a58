import { OciError, type OciErrorCode } from '../errors.ts';

/** A JSON object from outside: null prototype or plain, keys are data. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON from outside strictly: UTF-8 without BOM errors, no duplicate names (I-JSON, image-spec considerations.md).
 * @param what names the document in the error, such as `manifest sha256:ab12…`
 * @throws OciError of `code`
 */
export function parseJson(bytes: Uint8Array, what: string, code: OciErrorCode = 'invalid-manifest'): unknown {
  const text = decodeUtf8(bytes, what, code);
  try {
    const value: unknown = JSON.parse(text);
    const twice = duplicateName(text);
    if (twice !== undefined) throw new SyntaxError(`the name ${JSON.stringify(twice.slice(0, 100))} stands twice`);
    return value;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : 'not JSON';
    throw new OciError(code, `${what} is not valid JSON: ${reason}`, { cause });
  }
}

function decodeUtf8(bytes: Uint8Array, what: string, code: OciErrorCode): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new OciError(code, `${what} is not valid UTF-8`, { cause });
  }
}

/** The first name that stands twice in one object of a text that JSON.parse has accepted. Linear in the text. */
function duplicateName(text: string): string | undefined {
  const scopes: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const found = match[0];
    if (found === '{') scopes.push(new Set());
    else if (found === '[') scopes.push(undefined);
    else if (found === '}' || found === ']') scopes.pop();
    else if (isName(text, token.lastIndex)) {
      const name: unknown = JSON.parse(found);
      const names = scopes.at(-1);
      if (typeof name !== 'string' || names === undefined) continue;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}

function isName(text: string, from: number): boolean {
  let at = from;
  while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++;
  return text.charAt(at) === ':';
}

/** The string entries of an object of strings (annotations, labels), in a null-prototype object; others are dropped. */
export function stringMap(value: unknown): Readonly<Record<string, string>> {
  const map: Record<string, string> = Object.create(null) as Record<string, string>;
  if (!isObject(value)) return map;
  for (const [name, entry] of Object.entries(value)) if (typeof entry === 'string') map[name] = entry;
  return map;
}

/** The string entries of an array; others are dropped. */
export function stringList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}
