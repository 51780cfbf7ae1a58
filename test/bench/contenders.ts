import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../harness/paths.ts';
import { findTool } from '../support/tools.ts';
import { type Run, runGantry, runPeer } from './run.ts';

/** A copy, or an append of a folder, as every contender is asked to do it. */
export type Job =
  | { readonly kind: 'copy'; readonly source: string; readonly target: string }
  | {
      readonly kind: 'append';
      readonly base: string;
      readonly folder: string;
      readonly target: string;
      /** Gantry's; the peers know gzip only. */
      readonly compression: 'gzip' | 'zstd';
    };

export interface Contender {
  readonly name: string;
  /** Undefined where the contender has no such job. */
  run(job: Job): Promise<Run> | undefined;
}

/** Gantry, and each peer that is installed: on PATH or in .peers/usr/bin. */
export function contenders(): readonly Contender[] {
  const peers = [peer('crane', craneCommand), peer('skopeo', skopeoCommand), peer('oras', orasCommand)];
  return [{ name: 'gantry', run: runGantry }, ...peers.filter((found) => found !== undefined)];
}

type Command = (program: string, job: Job) => readonly string[] | undefined;

function peer(name: string, command: Command): Contender | undefined {
  const local = path.join(root, '.peers/usr/bin', name);
  const program = existsSync(local) ? local : findTool(name);
  if (program === undefined) return undefined;
  return {
    name,
    run: (job) => {
      const words = command(program, job);
      return words === undefined ? undefined : runPeer(words);
    },
  };
}

function craneCommand(crane: string, job: Job): readonly string[] {
  if (job.kind === 'copy') return [crane, 'copy', '--insecure', job.source, job.target];
  const script = 'tar -C "$1" -cf - . | "$2" append --insecure -b "$3" -f - -t "$4"';
  return ['sh', '-c', script, 'sh', job.folder, crane, job.base, job.target];
}

function skopeoCommand(skopeo: string, job: Job): readonly string[] | undefined {
  if (job.kind !== 'copy') return undefined;
  const plain = ['--src-tls-verify=false', '--dest-tls-verify=false'];
  return [skopeo, '--insecure-policy', 'copy', ...plain, `docker://${job.source}`, `docker://${job.target}`];
}

function orasCommand(oras: string, job: Job): readonly string[] | undefined {
  if (job.kind !== 'copy') return undefined;
  return [oras, 'cp', '--from-plain-http', '--to-plain-http', job.source, job.target];
}
