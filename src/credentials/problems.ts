import path from 'node:path';
import type { ReportProblem } from './authConfig.ts';

/** Passes each text on once: a broken file is read at every request. */
export function onlyOnce(report: ReportProblem | undefined): ReportProblem {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    told.add(text);
    report?.(text);
  };
}

/** A path as people write it, with `~` for their home directory. */
export function shortPath(file: string, home: string): string {
  const relative = path.relative(home, file);
  const inside = home !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return inside ? `~/${relative.replaceAll('\\', '/')}` : file;
}
