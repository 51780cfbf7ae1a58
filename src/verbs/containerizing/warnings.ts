import type { ContainerizeWarning } from '../../api.ts';
import type { BlueprintLayer } from '../../containerize/packBlueprint.ts';
import type { AppendPlan } from '../../operations/appendPlan.ts';
import type { OpenedTarget } from '../openedTarget.ts';
import { attachable } from './attach.ts';
import type { Choices } from './choices.ts';
import type { Prepared } from './prepared.ts';

const maxPaths = 100;

/** What a person should know before the image is written. */
export function warningsOf(
  prepared: Prepared,
  layers: readonly BlueprintLayer[],
  missing: readonly string[],
  plan: AppendPlan,
  choices: Choices,
): readonly ContainerizeWarning[] {
  const all = [
    secrets(prepared, choices),
    leaving(layers),
    missingPlatforms(missing),
    dropped(plan),
    ...prepared.blueprint.warnings,
  ];
  return all.filter((warning) => warning !== undefined);
}

/** An archive that is written in one go has no room for what refers to its image. */
export function notAttached(
  target: OpenedTarget,
  { sbom, provenance }: { readonly sbom: boolean; readonly provenance: boolean },
): readonly ContainerizeWarning[] {
  const kinds = [...(sbom ? ['SBOM'] : []), ...(provenance ? ['provenance'] : [])];
  if (kinds.length === 0 || attachable(target) !== undefined) return [];
  const text = `No ${kinds.join(' and no ')} is attached: an archive holds the image alone. Write to a registry or an OCI layout for that.`;
  return [{ code: 'note', text }];
}

function secrets({ ignoring }: Prepared, { secrets: letIn }: Choices): ContainerizeWarning | undefined {
  const found = ignoring?.leftOut() ?? [];
  const [first] = found;
  if (first === undefined) return undefined;
  const [looks, is] = found.length === 1 ? ['A file looks', 'is'] : [`${found.length} files look`, 'are'];
  const what = `${first.path} seems to be ${first.what}`;
  return {
    code: letIn ? 'secret-included' : 'secret-left-out',
    text: letIn
      ? `${looks} like a secret and will be in the image, where everybody who can pull it can read it: ${what}.`
      : `${looks} like a secret and ${is} left out: ${what}. Set secrets to put such files in all the same.`,
    paths: found.slice(0, maxPaths).map(({ path }) => path),
  };
}

function leaving(layers: readonly BlueprintLayer[]): ContainerizeWarning | undefined {
  const paths = layers.flatMap(({ packed }) => packed.leaving);
  if (paths.length === 0) return undefined;
  return {
    code: 'link-leaves-folder',
    text: `${paths.length === 1 ? 'A link points' : `${paths.length} links point`} out of the folder: they are stored as links, and lead to what the image has there, if anything.`,
    paths: paths.slice(0, maxPaths),
  };
}

function missingPlatforms(missing: readonly string[]): ContainerizeWarning | undefined {
  if (missing.length === 0) return undefined;
  return {
    code: 'platform-missing',
    text: `The base has images for ${missing.join(', ')} too. They are left out: there is nothing built for them.`,
  };
}

function dropped({ dropped: left }: AppendPlan): ContainerizeWarning | undefined {
  if (left.length === 0) return undefined;
  return {
    code: 'attestations-dropped',
    text: `${left.length} attestations or artifacts of the base are about the base, and are not in the new image.`,
  };
}
