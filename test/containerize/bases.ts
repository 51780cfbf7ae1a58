import { BaseFiles } from '../../src/containerize/preflight/baseFiles.ts';
import { bytesSource } from '../../src/containerize/byteSource.ts';
import { describeBinary } from '../../src/containerize/describeBinary.ts';
import { preflight } from '../../src/containerize/preflight/preflight.ts';
import type { PreflightResult } from '../../src/api.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { storedImage } from '../support/storedImage.ts';
import { withTempDir } from '../support/tempDir.ts';
import { type ElfSpec, elfOf } from './elfWriter.ts';

/** A file of a base: its content, or what differs from a file of root with mode 0755. */
export interface BaseFile {
  readonly content?: Uint8Array | string;
  readonly mode?: number;
  readonly uid?: number;
  /** Makes it a symbolic link. */
  readonly link?: string;
  readonly isFolder?: boolean;
}

export type BaseSpec = Readonly<Record<string, BaseFile | Uint8Array | string>>;

export const glibcPath = '/lib64/ld-linux-x86-64.so.2';
export const muslPath = '/lib/ld-musl-x86_64.so.1';

/** glibc's loader as Debian has it: its folders are texts in it. */
export const glibcLoader = elfOf({
  soname: 'ld-linux-x86-64.so.2',
  definitions: ['GLIBC_2.2.5', 'GLIBC_2.3'],
  offers: ['__tls_get_addr'],
  tail: '\0/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0',
});
export const muslLoader = elfOf({ soname: 'libc.musl-x86_64.so.1', offers: ['puts', 'malloc'] });
export const glibc = elfOf({
  soname: 'libc.so.6',
  needed: ['ld-linux-x86-64.so.2'],
  definitions: ['libc.so.6', 'GLIBC_2.2.5', 'GLIBC_2.34', 'GLIBC_2.36'],
  offers: ['puts', 'malloc'],
});
export const glibcBase: BaseSpec = { [glibcPath]: glibcLoader, '/lib/x86_64-linux-gnu/libc.so.6': glibc };

/** What preflight says of a program on a base of these files. */
export async function preflightOn(
  base: BaseSpec,
  program: ElfSpec | Uint8Array | string,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Pick<PreflightResult, 'verdict' | 'reasons'>> {
  const bytes =
    typeof program === 'string' ? Buffer.from(program) : program instanceof Uint8Array ? program : elfOf(program);
  return withTempDir(async (folder) => {
    const files = await storedImage(testLayers(folder), [tarOfBase(base)], config);
    const source = bytesSource(bytes);
    const binary = await describeBinary(source, '/home/me/app', testIo());
    const stack = await files.filesystem({}, testIo());
    return preflight({ binary, source, path: '/app/app' }, new BaseFiles(files, stack), testIo());
  });
}

function tarOfBase(base: BaseSpec): Buffer {
  const members = Object.entries(base).map(([name, spec]) => {
    const file = typeof spec === 'string' || spec instanceof Uint8Array ? { content: spec } : spec;
    return member(name.slice(1), file);
  });
  return Buffer.concat([...members, Buffer.alloc(1024)]);
}

function member(name: string, { content = '', mode = 0o755, uid = 0, link, isFolder }: BaseFile): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  header.write(name, 0, 100);
  header.write(octal(mode, 8) + octal(uid, 8) + octal(0, 8) + octal(bytes.length, 12) + octal(0, 12), 100);
  header.write(`${' '.repeat(8)}${link !== undefined ? '2' : isFolder === true ? '5' : '0'}${link ?? ''}`, 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}
