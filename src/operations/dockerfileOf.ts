import { shortDigest } from '../oci/digest.ts';
import type { ImageConfig } from '../oci/imageConfig.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import { type HistoryLine, imageHistory } from './history.ts';
import { lastLine, plainLine } from './plainText.ts';
import { runLines } from './runLines.ts';

const header = `# Not the Dockerfile of this image: a reconstruction from its history, which builders write as they like.
# Not known are the image that it was built on (its steps come first), which files COPY and ADD took (file:, dir: and
# multi: are checksums of them), other stages, and arguments that left no trace.
`;

const instruction =
  /^(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR) /;

const baseName = 'org.opencontainers.image.base.name';

/** Shells that builders put before the text of a RUN. */
const shells = ['/bin/sh -c ', 'cmd /S /C '] as const;

/**
 * What a Dockerfile of the image may have looked like, oldest step first. Steps that are no Dockerfile instructions are
 * comments. Whatever the history says, no text of it begins a line but as an instruction or a comment of its own step.
 */
export function dockerfileOf(config: ImageConfig, manifest: ImageManifest): string {
  const base = manifest.annotations[baseName];
  const known = base === undefined ? '' : `# By its annotation it was built on ${plainLine(base)}.\n`;
  const steps = imageHistory(config, manifest).toReversed();
  return [header + known, ...steps.map(stepText)].join('\n');
}

function stepText(line: HistoryLine): string {
  const { layer, comment, createdBy } = line;
  const size = line.size?.toLocaleString('en-US') ?? '?';
  const about =
    layer === undefined ? '' : `# Layer #${layer.position + 1} ${shortDigest(layer.digest)}, ${size} bytes\n`;
  const said = comment === undefined || comment.startsWith('buildkit.') ? '' : `# ${plainLine(comment)}\n`;
  return about + said + instructionText(createdBy ?? '(nobody noted what made this)');
}

/** The instruction of a history line, or the line as a comment. */
function instructionText(createdBy: string): string {
  const text = withoutBuildkit(createdBy.trim());
  const nop = '/bin/sh -c #(nop)';
  if (text.startsWith(nop)) return otherInstruction(text.slice(nop.length).trim());
  if (text.startsWith('RUN ')) return runInstruction(text.slice('RUN '.length).trimStart());
  if (text.startsWith('|') || shells.some((shell) => text.startsWith(shell))) return runInstruction(text);
  return otherInstruction(text);
}

function withoutBuildkit(text: string): string {
  const mark = '# buildkit';
  return text.endsWith(mark) ? text.slice(0, -mark.length).trimEnd() : text;
}

/** The text of a RUN: arguments (`|2 A=1 B=2 `) are told in a comment, the shell is left out. */
function runInstruction(text: string): string {
  const [args, command] = splitArguments(text);
  const shell = shells.find((each) => command.startsWith(each)) ?? '';
  const told = args === '' ? '' : `# With build arguments: ${plainLine(args)}\n`;
  return `${told}${runLines(command.slice(shell.length))}\n`;
}

function splitArguments(text: string): readonly [args: string, command: string] {
  const start = /^\|\d+ /.exec(text)?.[0];
  if (start === undefined) return ['', text];
  const ends = shells.map((shell) => text.indexOf(shell, start.length)).filter((at) => at !== -1);
  const end = ends.length === 0 ? start.length : Math.min(...ends);
  return [text.slice(start.length, end).trim(), text.slice(end)];
}

function otherInstruction(text: string): string {
  if (!instruction.test(text)) return `# ${plainLine(text.replace(/^#+\s*/, ''))}\n`;
  const space = text.indexOf(' ');
  const name = text.slice(0, space);
  return `${name} ${lastLine(plainLine(argumentsOf(name, text.slice(space).trim())))}\n`;
}

/** Docker's old builder wrote Go's forms of lists and maps, and ` in ` between files and their place. */
function argumentsOf(name: string, text: string): string {
  if (name === 'COPY' || name === 'ADD') return text.replace(/^((?:file|dir|multi):[0-9a-f]+) in /, '$1 ');
  if (name === 'EXPOSE' && text.startsWith('map[')) return text.slice('map['.length).replace(/:\{\}|\]$/g, '');
  if (['CMD', 'ENTRYPOINT', 'SHELL', 'VOLUME'].includes(name)) return text.replaceAll('" "', '", "');
  return text;
}
