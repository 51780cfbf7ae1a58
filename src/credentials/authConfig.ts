import { isObject, type JsonObject } from '../oci/json.ts';
import type { Credential } from './credential.ts';
import { jsonErrorPosition } from './jsonPosition.ts';

/** The parts of docker's config.json and podman's auth.json that say who the user is. Everything else is ignored. */
export interface AuthConfig {
  /** Key as written to its entry. */
  readonly auths: ReadonlyMap<string, JsonObject>;
  /** Key as written to the helper's name after `docker-credential-`; `''` means `auths`. */
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore?: string;
}

/** Takes a sentence fit for the log: what is wrong in which file, never a secret. */
export type ReportProblem = (text: string) => void;

export const emptyAuthConfig: AuthConfig = { auths: new Map(), credHelpers: new Map() };

/** Reads a credential file. What cannot be read is reported, with the place in the file, and not used. */
export function parseAuthConfig(bytes: Uint8Array, where: string, report: ReportProblem): AuthConfig {
  const text = decode(bytes);
  if (text === undefined) {
    report(`${where} is not UTF-8 text; credentials from it are not used. Save it as UTF-8.`);
    return emptyAuthConfig;
  }
  if (text.trim() === '') return emptyAuthConfig;
  const json = parse(text);
  if (isObject(json)) return fromJson(json);
  const { line, column } = json === undefined ? jsonErrorPosition(text) : { line: 1, column: 1 };
  const reason = json === undefined ? 'it is not valid JSON there' : 'it is not a JSON object';
  report(`${where} line ${line} column ${column}: ${reason}; credentials from it are not used. Correct the file.`);
  return emptyAuthConfig;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fromJson(json: JsonObject): AuthConfig {
  const { auths, credHelpers, credsStore } = json;
  const entries = Object.entries(isObject(auths) ? auths : {});
  const helpers = Object.entries(isObject(credHelpers) ? credHelpers : {});
  return {
    auths: new Map(entries.filter((entry): entry is [string, JsonObject] => isObject(entry[1]))),
    credHelpers: new Map(helpers.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    ...(typeof credsStore === 'string' && credsStore !== '' ? { credsStore } : {}),
  };
}

/** The credential of one entry of `auths`; undefined where it has none, `'unusable'` where it is malformed. */
export function credentialOfEntry(entry: JsonObject): Credential | 'unusable' | undefined {
  const { auth, username, password, identitytoken, registrytoken } = entry;
  if (isText(registrytoken)) return token('registry-token', registrytoken);
  if (isText(identitytoken)) return token('identity-token', identitytoken);
  if (isText(auth)) return basic(auth);
  return isText(username) && isText(password) ? { kind: 'basic', username, password } : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** A token goes into a header: anything but visible ASCII has no business there. */
function token(kind: 'registry-token' | 'identity-token', text: string): Credential | 'unusable' {
  return /^[\x21-\x7e]+$/.test(text) ? { kind, token: text } : 'unusable';
}

/** base64 of `user:password`, padded or not; the password may hold colons. */
function basic(auth: string): Credential | 'unusable' {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(auth.trim())) return 'unusable';
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return 'unusable';
  // Old versions of docker padded the password with NUL.
  return { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}
