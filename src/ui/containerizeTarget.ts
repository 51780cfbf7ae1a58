import path from 'node:path';
import { Uri } from 'vscode';
import type { Subject } from './containerizeSubject.ts';
import { headCommit } from './gitFacts.ts';
import type { Shell } from './shell.ts';

/** The subject's name in the repository that was meant, the local registry, or the first one that may be written to; else empty. */
export function suggestTarget(shell: Shell, subject: Subject, repository: string | undefined): string {
  const tag = commitOf(subject)?.slice(0, 7) ?? 'latest';
  if (repository !== undefined) return /:[^/]*$/.test(repository) ? repository : `${repository}:${tag}`;
  const name = subject.name
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const writable = shell.registries.all().filter(({ readOnly }) => readOnly !== true);
  const registry = writable.find(({ local }) => local === true) ?? writable[0];
  return registry === undefined ? '' : `${registry.name}/${name === '' ? 'app' : name}:${tag}`;
}

/** The commit of the repository that the subject is in. */
function commitOf({ options }: Subject): string | undefined {
  const { file, spec, dockerfile, folder } = options;
  const program = typeof file === 'string' ? file : file?.[0];
  const written = program ?? spec ?? dockerfile;
  const inside = folder ?? (written === undefined ? undefined : path.dirname(written));
  return inside === undefined ? undefined : headCommit(Uri.file(inside));
}
