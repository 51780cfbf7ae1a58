import type { DeleteImageResult } from '../api.ts';
import { formatPlace, identifierAt, isLocal, nameOfPlace, soleImage } from '../browse/places.ts';
import { shortDigest } from '../oci/digest.ts';
import { planDelete } from '../operations/deleteImage.ts';
import type { Asked, Commands } from './command.ts';
import { assertDeleteAllowed } from './policy.ts';
import { briefly, withProgress } from './progress.ts';
import { imageFor, writablePlace } from './references.ts';
import { placeChanged, type Shell } from './shell.ts';

/** `gantry.deleteImage` removes a manifest with all its tags, `gantry.untag` one tag; both ask, naming what goes. */
export function deleteImageCommands(shell: Shell): Commands {
  return {
    'gantry.deleteImage': {
      program: (options, api) => api.deleteImage(options),
      person: (asked) => deleteAsked(shell, asked),
    },
    'gantry.untag': {
      program: (options, api) => api.deleteImage({ ...options, untagOnly: true }),
      person: (asked) => untagAsked(shell, asked),
    },
  };
}

async function deleteAsked(shell: Shell, asked: Asked): Promise<DeleteImageResult | undefined> {
  assertDeleteAllowed(shell.settings(), 'manifest');
  const image = await imageFor(shell, asked, 'Delete Image');
  if (image === undefined) return undefined;
  const place = writablePlace(image);
  const { registry, repository } = place;
  const plan = await withProgress(`Looking for tags of ${image}`, (run) =>
    planDelete(shell.browser.store(place), identifierAt(place), run),
  );
  const name = isLocal(place) ? nameOfPlace(place) : repository;
  const tags = plan.tags.filter((tag) => tag !== soleImage).map((tag) => `${name}:${tag}`);
  const listed = tags.length > 40 ? [...tags.slice(0, 40), `and ${tags.length - 40} more`] : tags;
  const detail = [
    `${formatPlace({ registry, repository })}@${shortDigest(plan.digest)}`,
    tags.length === 0 ? 'No tag names it.' : 'These tags name it and go with it:',
    ...listed,
    '',
    'This cannot be undone.',
  ];
  if (!(await shell.notify.confirm(`Delete ${image}?`, { detail, action: 'Delete' }))) return undefined;
  // The digest that was shown, not what the tag may name by now.
  const pinned = formatPlace({ registry, repository, digest: plan.digest });
  const done = await withProgress(`Deleting ${image}`, (run) => shell.api().deleteImage({ image: pinned }, run));
  placeChanged(shell, place);
  void shell.notify.info(`${image} is deleted.`);
  return done;
}

async function untagAsked(shell: Shell, asked: Asked): Promise<DeleteImageResult | undefined> {
  assertDeleteAllowed(shell.settings(), 'untag');
  const image = await imageFor(shell, asked, 'Untag');
  if (image === undefined) return undefined;
  const place = writablePlace(image);
  const now = await briefly(({ signal }) => shell.browser.store(place).resolve(identifierAt(place), { signal }));
  const detail = [`It names ${shortDigest(now.digest)}, which stays.`];
  if (!(await shell.notify.confirm(`Remove the tag ${image}?`, { detail, action: 'Untag' }))) return undefined;
  const done = await withProgress(`Removing ${image}`, (run) =>
    shell.api().deleteImage({ image, untagOnly: true }, run),
  );
  placeChanged(shell, place);
  void shell.notify.info(`The tag ${image} is removed.`);
  return done;
}
