import type { ContainerizeOptions } from '../api.ts';
import { type Digest, encodedOf, isDigest } from '../oci/digest.ts';
import type { JsonObject } from '../oci/json.ts';
import { type GitSource, publicUrl } from './annotations.ts';
import { pathBelow } from './pathBelow.ts';
import { imagePurl, publicName } from './sbom/imagePurl.ts';

/** The media type of an in-toto statement that is not signed, and the artifact type it is attached as. */
export const statementMediaType = 'application/vnd.in-toto+json';

const builder = 'https://marketplace.visualstudio.com/items?itemName=gantry-tools.gantry';

/** What provenance says of one image. */
export interface ProvenanceInput {
  /** A reference of the image, with or without its tag. */
  readonly name: string;
  readonly subject: Digest;
  readonly platform?: string;
  /** What was asked for. */
  readonly options: ContainerizeOptions;
  /** Paths of the options are given from here. */
  readonly root?: string;
  /** Null for `scratch`. */
  readonly base: { readonly reference: string; readonly digest: string | null } | null;
  readonly git?: GitSource;
  /** Version of this program. */
  readonly tool: string;
}

/**
 * An in-toto statement (version 1) with SLSA provenance (version 1) as JSON. There is nothing of time, machine or user in it:
 * equal input, equal bytes.
 */
export function provenanceStatement(input: ProvenanceInput): Uint8Array {
  const { name, subject, platform, tool } = input;
  const image = { name, digest: subject, ...(platform === undefined ? {} : { platform }) };
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: imagePurl(image), digest: digestSet(subject) }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: `${builder}#containerize-v1`,
        externalParameters: externalParameters(input.options, input.root),
        internalParameters: platform === undefined ? {} : { platform },
        resolvedDependencies: dependencies(input),
      },
      runDetails: { builder: { id: builder, version: { gantry: tool } } },
    },
  };
  return Buffer.from(`${JSON.stringify(statement)}\n`);
}

/**
 * What was asked for, without what may be secret: of build arguments, environment variables and stages the names alone,
 * and no path of the machine.
 */
export function externalParameters(options: ContainerizeOptions, root?: string): JsonObject {
  const { file, folder, spec, dockerfile, args, stages, config } = options;
  const { recipe, project, base, target, tags, platforms, to, owner, build, gitignore, compression } = options;
  const inside = (each: string): string => pathFrom(root, each);
  const all: JsonObject = {
    file: typeof file === 'string' ? inside(file) : file?.map(inside),
    folder: folder === undefined ? undefined : inside(folder),
    spec: spec === undefined ? undefined : inside(spec),
    dockerfile: dockerfile === undefined ? undefined : inside(dockerfile),
    recipe,
    project,
    base: base === undefined ? undefined : publicName(base),
    target: target === undefined ? undefined : publicName(target),
    tags,
    platforms,
    to,
    owner,
    build,
    gitignore,
    compression,
    args: names(args),
    stages: names(stages),
    config: config === undefined ? undefined : { ...config, ...environment(config.env) },
    annotations: options.annotations,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function environment(env: readonly string[] | undefined): { readonly env?: readonly string[] } {
  return env === undefined ? {} : { env: env.map((each) => each.split('=', 1)[0] ?? '') };
}

function names(values: Readonly<Record<string, string>> | undefined): readonly string[] | undefined {
  return values === undefined ? undefined : Object.keys(values).sort();
}

/** From the root, with `/`; of what is not below it the name alone. */
function pathFrom(root: string | undefined, file: string): string {
  const inside = root === undefined ? undefined : pathBelow(root, file);
  if (inside === undefined) return lastName(file);
  return inside === '' ? '.' : inside;
}

function lastName(file: string): string {
  return file.split(/[/\\]/).findLast((part) => part !== '') ?? '';
}

function dependencies({ base, git = {} }: ProvenanceInput): readonly JsonObject[] {
  const { remote, commit } = git;
  const source = remote === undefined ? undefined : publicUrl(remote);
  const found: JsonObject[] = [];
  if (base !== null && isDigest(base.digest)) {
    const uri = imagePurl({ name: base.reference, digest: base.digest });
    found.push({ name: 'base', uri, digest: digestSet(base.digest) });
  }
  if (commit !== undefined) {
    const digest = { gitCommit: commit };
    found.push({ name: 'source', ...(source === undefined ? {} : { uri: `git+${source}@${commit}` }), digest });
  }
  return found;
}

function digestSet(digest: Digest): JsonObject {
  return { [digest.startsWith('sha512:') ? 'sha512' : 'sha256']: encodedOf(digest) };
}
