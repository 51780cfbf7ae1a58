import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { ownerOf, specChecks } from './specChecks.ts';
import { specMembers } from './specMembers.ts';
import type { SpecReader } from './specReader.ts';
import type { YamlPath } from './yamlDocument.ts';

/** A layer that a spec lists. */
export interface SpecLayer {
  readonly name: string;
  /** Only in images of this platform. */
  readonly platform?: string;
  readonly files: readonly SpecFile[];
}

/** A file or folder that a spec puts into a layer. */
export interface SpecFile {
  /** Relative to the folder of the spec, with `/`. */
  readonly from: string;
  readonly to: string;
  /** Permission bits. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Patterns of a .dockerignore file: only what they name goes into the layer. */
  readonly include?: readonly string[];
  /** Patterns of a .dockerignore file: what they name does not. */
  readonly exclude?: readonly string[];
  /** Where it stands in the spec. */
  readonly path: YamlPath;
}

/** Reads `layers`; what is wrong with them is reported to the reader. */
export function readLayers(reader: SpecReader): readonly SpecLayer[] {
  const count = reader.items(['layers'], '- files: [{from: dist, to: /app}]') ?? 0;
  return Array.from({ length: count }, (_, at) => readLayer(reader, ['layers', at]));
}

function readLayer(reader: SpecReader, path: YamlPath): SpecLayer {
  reader.members(path, specMembers.layer);
  const name = reader.text([...path, 'name']);
  const platform = reader.text([...path, 'platform'], { check: specChecks.platform, isFixed: true });
  const filesPath = [...path, 'files'];
  const count = reader.items(filesPath, '[{from: dist, to: /app}]');
  if (count === 0 || !reader.has(filesPath)) reader.report(path, 'a layer needs files: - from: …, to: …');
  const files = Array.from({ length: count ?? 0 }, (_, at) => readFile(reader, [...filesPath, at]));
  return {
    name: name ?? 'files',
    ...(platform === undefined ? {} : { platform: formatPlatform(parsePlatform(platform)) }),
    files: files.filter((file) => file !== undefined),
  };
}

function readFile(reader: SpecReader, path: YamlPath): SpecFile | undefined {
  reader.members(
    path,
    specMembers.file,
    new Map([
      ['src', 'from'],
      ['source', 'from'],
      ['dest', 'to'],
      ['chown', 'owner'],
      ['chmod', 'mode'],
    ]),
  );
  const from = reader.text([...path, 'from'], { check: specChecks.from, usesPlatform: true });
  const to = reader.text([...path, 'to'], { check: specChecks.absolute, usesPlatform: true });
  const mode = readMode(reader, [...path, 'mode']);
  const owner = reader.text([...path, 'owner'], { check: specChecks.owner, isFixed: true });
  const patterns = { check: specChecks.pattern, isFixed: true, example: '["**/*.js"]' };
  const include = reader.texts([...path, 'include'], patterns);
  const exclude = reader.texts([...path, 'exclude'], patterns);
  for (const name of ['from', 'to']) {
    if (!reader.has([...path, name]))
      reader.report(path, `a file needs ${name}: ${name === 'from' ? 'dist/server' : '/app/server'}`);
  }
  if (from === undefined || to === undefined) return undefined;
  return {
    from,
    to,
    path,
    ...(mode === undefined ? {} : { mode }),
    ...(owner === undefined ? {} : ownerOf(owner)),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
  };
}

/** YAML 1.1 reads 0755 as octal, YAML 1.2 as decimal: only a text says what is meant. */
function readMode(reader: SpecReader, path: YamlPath): number | undefined {
  const value = reader.value(path);
  if (typeof value === 'number') {
    const written = reader.document.source(path) ?? '';
    const digits = /^(?:0o)?([0-7]{3,4})$/.exec(written)?.[1];
    const quoted = digits === undefined ? '"0755"' : `"${digits.padStart(4, '0')}"`;
    reader.report(path, `mode must be in quotes, ${quoted}: as a number it would not be octal`);
    return undefined;
  }
  const text = reader.text(path, { check: specChecks.mode, isFixed: true });
  return text === undefined ? undefined : parseInt(text, 8);
}
