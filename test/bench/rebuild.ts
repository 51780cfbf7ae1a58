import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createEngine } from '../harness/engine.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { withTempDir } from '../support/tempDir.ts';
import type { Figure } from './listing.ts';
import { seed } from './scenarios.ts';

const programBytes = 20_000_000;

interface Rebuild {
  readonly milliseconds: number;
  readonly requests: number;
  /** Of blobs that were sent. */
  readonly bytes: number;
}

/** `rebuild`: a program that is in the registry already, made into an image again; the worst of all rounds. */
export async function benchRebuild(rounds: number): Promise<readonly Figure[]> {
  return withTempDir(async (directory) => {
    const registry = await startDockerRegistry();
    try {
      await seed(directory, 'base', 1, 5 << 20, registry);
      const file = path.join(directory, 'program');
      await writeFile(file, await staticProgram(), { mode: 0o755 });
      const runs = await rebuilds(file, registry.host, rounds);
      const worst = (figure: keyof Rebuild): number => Math.max(...runs.map((run) => run[figure]));
      return [
        { title: 'time', value: worst('milliseconds'), limit: 1000, unit: 'ms' },
        { title: 'requests', value: worst('requests'), limit: 3, unit: 'requests' },
        { title: 'bytes of blobs sent', value: worst('bytes'), limit: 0, unit: 'bytes' },
      ];
    } finally {
      await registry.stop();
    }
  });
}

async function rebuilds(file: string, host: string, rounds: number): Promise<readonly Rebuild[]> {
  const gantry = createEngine();
  const options = { file, base: `${host}/base:bench`, target: `${host}/program:bench` };
  const { digest } = await gantry.containerize(options);
  const runs: Rebuild[] = [];
  let requests = 0;
  const count = (): void => void (requests += 1);
  subscribe('undici:request:create', count);
  try {
    for (let round = 0; round < rounds; round++) {
      const [start, before] = [performance.now(), requests];
      const again = await gantry.containerize(options);
      if (again.digest !== digest) throw new Error(`another image: ${again.digest}, not ${digest}`);
      const milliseconds = performance.now() - start;
      runs.push({ milliseconds, requests: requests - before, bytes: again.bytesTransferred });
    }
  } finally {
    unsubscribe('undici:request:create', count);
  }
  // Every round asks for the tag at least: with none seen nothing was counted.
  if (requests === 0) throw new Error('no request was counted');
  return runs;
}

/** An ELF program for linux/amd64 that loads nothing else, filled up with machine code of a real one. */
async function staticProgram(): Promise<Buffer> {
  const program = Buffer.alloc(programBytes);
  (await readFile(process.execPath)).copy(program, 120, 4096, 4096 + programBytes - 120);
  const address = 0x400000n;
  // 64-bit, little-endian, version 1; an executable for x86-64.
  program.fill(0, 0, 120).write('7f454c46020101', 'hex');
  program.writeUInt16LE(2, 16);
  program.writeUInt16LE(62, 18);
  program.writeUInt32LE(1, 20);
  program.writeBigUInt64LE(address + 120n, 24);
  // One program header, behind this one: all of the file, readable and executable.
  program.writeBigUInt64LE(64n, 32);
  for (const [at, value] of [
    [52, 64],
    [54, 56],
    [56, 1],
    [58, 64],
  ] as const) {
    program.writeUInt16LE(value, at);
  }
  program.writeUInt32LE(1, 64);
  program.writeUInt32LE(5, 68);
  for (const [at, value] of [
    [80, address],
    [88, address],
    [96, BigInt(programBytes)],
    [104, BigInt(programBytes)],
    [112, 4096n],
  ] as const) {
    program.writeBigUInt64LE(value, at);
  }
  return program;
}
