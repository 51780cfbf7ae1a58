import { type Digest, isDigest } from '../oci/digest.ts';
import { isObject, parseJson } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';
import type { Answer } from './answer.ts';

/** One entry of an error answer (distribution-spec, error codes): the registry's own words, to be escaped before they are shown. */
export interface RegistryErrorEntry {
  readonly code: string;
  readonly message: string;
}

/** What an error answer says. */
export interface ErrorBody {
  readonly errors: readonly RegistryErrorEntry[];
  /** The content that a manifest needs and the registry does not hold (MANIFEST_BLOB_UNKNOWN). */
  readonly missing: readonly Digest[];
}

/** Reads what an answer says, whatever it is: the specification's JSON, plain text or nothing. Never throws. */
export function readErrorBody(answer: Answer): ErrorBody {
  const entries = readEntries(answer);
  return { errors: entries.map(({ code, message }) => ({ code, message })), missing: missingOf(entries) };
}

/** True where a person's page came instead of a registry's answer: a captive portal, a login page, a proxy. */
export function isWebPage(answer: Pick<Answer, 'headers' | 'bytes'>): boolean {
  const start = Buffer.from(answer.bytes.subarray(0, 200)).toString('latin1').trimStart().toLowerCase();
  return (
    (answer.headers['content-type'] ?? '').toLowerCase().includes('html') || /^<(?:!doctype|html|head)/.test(start)
  );
}

interface Entry extends RegistryErrorEntry {
  readonly detail: unknown;
}

function readEntries(answer: Answer): readonly Entry[] {
  if (answer.bytes.length === 0 || isWebPage(answer)) return [];
  const text = Buffer.from(answer.bytes).toString('utf8');
  const list = errorList(answer.bytes);
  if (list === undefined) return [{ code: '', message: text.trim().slice(0, 500), detail: undefined }];
  return list.slice(0, 100).map((entry) => {
    const { code, message, detail } = isObject(entry) ? entry : {};
    return {
      code: typeof code === 'string' && /^[A-Za-z0-9_ -]{1,64}$/.test(code) ? code : 'UNKNOWN',
      message: typeof message === 'string' ? message.slice(0, 500) : '',
      detail,
    };
  });
}

function errorList(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const json = parseJson(bytes, 'the error');
    return isObject(json) && Array.isArray(json['errors']) ? json['errors'] : undefined;
  } catch {
    return undefined;
  }
}

/** A web page in words, with its title. */
export function webPage(answer: Answer): string {
  const title = /<title[^>]{0,200}>([^<]{1,300})/i.exec(Buffer.from(answer.bytes).toString('utf8'))?.[1]?.trim();
  const named = title === undefined ? '' : ` titled ${escapeText(title)}`;
  return `got a web page${named}, not a registry's answer (${answer.status})`;
}

function missingOf(entries: readonly Entry[]): readonly Digest[] {
  const details = entries.filter(({ code }) => code === 'MANIFEST_BLOB_UNKNOWN').map(({ detail }) => detail);
  const found = JSON.stringify(details).match(/sha(?:256|512):[a-f0-9]{64,128}/g) ?? [];
  return [...new Set(found)].filter((digest) => isDigest(digest));
}
