import { variablesIn } from './variables.ts';

/** The names of all variables in the texts of a document, each once. */
export function usedVariables(value: unknown): readonly string[] {
  return [...new Set(textsIn(value).flatMap(variablesIn))];
}

/** What names of environment variables with secrets have in them. */
const secret = /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY/i;
/** Members whose texts say where the image goes, and are not in it. */
const outside: ReadonlySet<string> = new Set(['base', 'target', 'tags']);

/** The environment variables that put what seems to be a secret into the image. */
export function secretVariables(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    outside.has(name) ? [] : [member],
  );
  const names = usedVariables(inside).filter((name) => name.startsWith('env.'));
  return names.map((name) => name.slice('env.'.length)).filter(seemsSecret);
}

/** True for the name of an environment variable that seems to hold a secret. */
export function seemsSecret(name: string): boolean {
  return secret.test(name);
}

function textsIn(value: unknown): readonly string[] {
  const texts: string[] = [];
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') texts.push(next);
    else if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) open.push(member);
  }
  return texts;
}
