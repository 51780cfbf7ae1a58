import { wrong } from './complaints.ts';

/**
 * The texts of a JSON list; undefined for what is none, which is then in shell form.
 * @throws OciError invalid-spec for a list with something else than texts, and for a NUL in one
 */
export function jsonForm(rest: string): readonly string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(rest);
  } catch {
    return undefined;
  }
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string')) {
    throw wrong('a list in JSON may hold texts only: put numbers and words in quotes.');
  }
  if (list.some((entry) => entry.includes('\0'))) throw wrong('a text in a list holds a NUL.');
  return list;
}
