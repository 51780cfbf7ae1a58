import type { BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';
import { openFlags } from './sourceFile.ts';

const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const script = Buffer.from('#!');

/**
 * The permission bits of a file in an image: 0755 where it can be run, else 0644; set-id and sticky bits are dropped. Windows
 * has no bit that says so: there a file can be run where it starts as an ELF file or a script does.
 */
export async function fileMode(file: string, stat: BigIntStats, platform: NodeJS.Platform): Promise<number> {
  const canRun = platform === 'win32' ? await startsAsProgram(file) : (stat.mode & 0o111n) !== 0n;
  return canRun ? 0o755 : 0o644;
}

/** @throws an error of the file system */
async function startsAsProgram(file: string): Promise<boolean> {
  const handle = await open(file, openFlags);
  try {
    const start = Buffer.alloc(4);
    const { bytesRead } = await handle.read(start, 0, 4, 0);
    return (bytesRead === 4 && start.equals(elf)) || (bytesRead >= 2 && start.subarray(0, 2).equals(script));
  } finally {
    await handle.close();
  }
}
