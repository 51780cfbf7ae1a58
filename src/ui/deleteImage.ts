import type { Disposable } from 'vscode';
import type { DeleteImageResult } from '../api.ts';
import { shortDigest } from '../oci/digest.ts';
import { identifierOf } from '../oci/reference.ts';
import { planDelete } from '../operations/deleteImage.ts';
import { type Asked, registerCommand } from './command.ts';
import { assertDeleteAllowed } from './policy.ts';
import { briefly, withProgress } from './progress.ts';
import { imageFor, registryReference } from './references.ts';
import { repositoryChanged, type Shell } from './shell.ts';

/** `gantry.deleteImage` removes a manifest with all its tags, `gantry.untag` one tag; both ask, naming what goes. */
export function registerDeleteImage(shell: Shell): readonly Disposable[] {
  return [
    registerCommand(shell, 'gantry.deleteImage', {
      program: (options, api) => api.deleteImage(options),
      person: (asked) => deleteAsked(shell, asked),
    }),
    registerCommand(shell, 'gantry.untag', {
      program: (options, api) => api.deleteImage({ ...options, untagOnly: true }),
      person: (asked) => untagAsked(shell, asked),
    }),
  ];
}

async function deleteAsked(shell: Shell, asked: Asked): Promise<DeleteImageResult | undefined> {
  assertDeleteAllowed(shell.settings(), 'manifest');
  const image = await imageFor(shell, asked, 'Delete Image');
  const reference = image === undefined ? undefined : registryReference(image);
  if (image === undefined || reference === undefined) return undefined;
  const store = shell.browser.store(reference);
  const plan = await withProgress(`Looking for tags of ${image}`, (run) =>
    planDelete(store, identifierOf(reference), run),
  );
  const tags = plan.tags.map((tag) => `${reference.repository}:${tag}`);
  const listed = tags.length > 40 ? [...tags.slice(0, 40), `and ${tags.length - 40} more`] : tags;
  const detail = [
    `${reference.registry}/${reference.repository}@${shortDigest(plan.digest)}`,
    tags.length === 0 ? 'No tag names it.' : 'These tags name it and go with it:',
    ...listed,
    '',
    'This cannot be undone.',
  ];
  if (!(await shell.notify.confirm(`Delete ${image}?`, { detail, action: 'Delete' }))) return undefined;
  // The digest that was shown, not what the tag may name by now.
  const pinned = `${reference.registry}/${reference.repository}@${plan.digest}`;
  const done = await withProgress(`Deleting ${image}`, (run) => shell.api().deleteImage({ image: pinned }, run));
  repositoryChanged(shell, reference.registry, reference.repository);
  void shell.notify.info(`${image} is deleted.`);
  return done;
}

async function untagAsked(shell: Shell, asked: Asked): Promise<DeleteImageResult | undefined> {
  assertDeleteAllowed(shell.settings(), 'untag');
  const image = await imageFor(shell, asked, 'Untag');
  const reference = image === undefined ? undefined : registryReference(image);
  if (image === undefined || reference === undefined) return undefined;
  const now = await briefly(({ signal }) =>
    shell.browser.store(reference).resolve(identifierOf(reference), { signal }),
  );
  const detail = [`It names ${shortDigest(now.digest)}, which stays.`];
  if (!(await shell.notify.confirm(`Remove the tag ${image}?`, { detail, action: 'Untag' }))) return undefined;
  const done = await withProgress(`Removing ${image}`, (run) =>
    shell.api().deleteImage({ image, untagOnly: true }, run),
  );
  repositoryChanged(shell, reference.registry, reference.repository);
  void shell.notify.info(`The tag ${image} is removed.`);
  return done;
}
