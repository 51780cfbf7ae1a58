import type { Io } from '../../../content/store.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { listFiles } from './listFiles.ts';

const maxSources = 3000;
const maxSourceCharacters = 1 << 20;

/**
 * Names of classes that look from their source as if `java` could start them, for before the first build. The class files
 * tell for sure.
 * @param module a folder below, such as `server`; empty for the folder itself
 */
export async function mainsInSources(folder: ProjectFolder, module: string, io: Io): Promise<readonly string[]> {
  const mains: string[] = [];
  for (const language of ['java', 'kotlin']) {
    const sources = below(module, `src/main/${language}`);
    const inside = await folder.real(sources);
    if (inside === undefined) continue;
    for (const file of await listFiles(folder.path(inside), maxSources, io)) {
      if (!/\.(?:java|kt)$/.test(file)) continue;
      const text = (await folder.text(`${sources}/${file}`, io)) ?? '';
      const found = mainIn(text.slice(0, maxSourceCharacters), file.slice(file.lastIndexOf('/') + 1));
      if (found !== undefined) mains.push(found);
    }
  }
  return mains.sort();
}

/** A path below a folder of the project, which may be the project itself. */
export function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function mainIn(text: string, file: string): string | undefined {
  const isKotlin = file.endsWith('.kt');
  const pattern = isKotlin
    ? /^(?:suspend )?fun main\(/m
    : /\bstatic\s{1,20}(?:final\s{1,20})?void\s{1,20}main\s{0,20}\(/;
  if (!pattern.test(text)) return undefined;
  const [, name] = /^[ \t]{0,20}package\s{1,20}([\w.]{1,500})/m.exec(text) ?? [];
  const own = file.replace(/\.(?:java|kt)$/, isKotlin ? 'Kt' : '');
  return name === undefined ? own : `${name}.${own}`;
}
