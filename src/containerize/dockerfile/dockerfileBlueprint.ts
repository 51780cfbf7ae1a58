import type { ContainerizeWarning } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ImageBlueprint, LayerBlueprint } from '../blueprint.ts';
import { LocalFile } from '../localFile.ts';
import { complainOfDifferences, layersOf } from './acrossPlatforms.ts';
import { Complaints } from './complaints.ts';
import type { Dockerfile } from './dockerfile.ts';
import { type EvaluatedStage, evaluateStage, type StageOptions } from './evaluateStage.ts';
import { maxDockerfile, readDockerfile } from './readDockerfile.ts';
import { stagePrograms } from './stagePrograms.ts';

export interface DockerfileOptions extends StageOptions {
  /** The absolute path of the Dockerfile. */
  readonly dockerfile: string;
  /** Such as `linux/arm64`; at least one. */
  readonly platforms: readonly string[];
}

/**
 * The image of a Dockerfile's last stage, or of the one that is the target: one layer for each COPY and ADD, and for each
 * WORKDIR that the base has not. Nothing is run and nothing is fetched.
 * @throws SpecError with the lines of all that cannot be done; OciError too-large, not-found, forbidden, invalid-reference
 */
export async function dockerfileBlueprint(options: DockerfileOptions, io: Io): Promise<ImageBlueprint> {
  const dockerfile = readDockerfile(await textOf(options.dockerfile, io), options.dockerfile);
  const complaints = new Complaints(options.dockerfile);
  const evaluated: EvaluatedStage[] = [];
  for (const platform of options.platforms) {
    const stage = await evaluateStage(dockerfile, options, platform, complaints, io);
    if (stage !== undefined) evaluated.push(stage);
  }
  complaints.throwIfAny();
  const [first] = evaluated;
  if (first === undefined) throw new OciError('invalid-reference', 'a Dockerfile is built for at least one platform.');
  complainOfDifferences(dockerfile, evaluated, complaints);
  complaints.throwIfAny();
  const layers = layersOf(evaluated);
  const { SOURCE_DATE_EPOCH: epoch = '' } = options.args;
  return {
    base: first.base,
    layers,
    config: first.state.config,
    programs: await stagePrograms(first.state.config, layers),
    platforms: evaluated.map(({ platform }) => platform),
    ...(/^\d{1,10}$/.test(epoch) ? { epoch: Number(epoch) } : {}),
    warnings: warningsOf(dockerfile, options, evaluated),
    materials: materialsOf(layers),
  };
}

async function textOf(file: string, io: Io): Promise<string> {
  const opened = await LocalFile.open(file, io);
  try {
    if (opened.size > maxDockerfile) {
      throw new OciError('too-large', `${escapeText(file)} has more than ${maxDockerfile} bytes: it is no Dockerfile.`);
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await opened.read(0, maxDockerfile, io));
  } finally {
    await opened.close();
  }
}

/** What instructions warn of, each once, and of arguments that no ARG declares. */
function warningsOf(
  { args, stages }: Dockerfile,
  options: DockerfileOptions,
  evaluated: readonly EvaluatedStage[],
): readonly ContainerizeWarning[] {
  const steps = [...args, ...stages.flatMap((stage) => stage.steps)];
  const declared = new Set(steps.flatMap((step) => (step.kind === 'arg' ? step.args.map(({ name }) => name) : [])));
  const unused = Object.keys(options.args).filter((name) => !declared.has(name) && !isPredefined(name));
  const texts = unused.slice(0, 20).map((name) => `no ARG declares the build argument ${escapeText(name)}.`);
  const all = [
    ...evaluated.flatMap(({ state }) => state.warnings),
    ...texts.map((text): ContainerizeWarning => ({ code: 'note', text })),
  ];
  return [...new Map(all.map((one) => [one.text, one])).values()];
}

function isPredefined(name: string): boolean {
  return /^(?:BUILD|TARGET)[A-Z]+$|^SOURCE_DATE_EPOCH$|^(?:HTTPS?|FTP|NO|ALL)_PROXY$/i.test(name);
}

function materialsOf(layers: readonly LayerBlueprint[]): readonly string[] {
  const files = layers.flatMap((layer) => layer.files);
  const sources = files.flatMap((file) => ('content' in file || file.directoryMode !== undefined ? [] : [file.from]));
  return [...new Set(sources)];
}
