import assert from 'node:assert/strict';
import type { PreflightReason } from '../../src/api.ts';
import { bytesSource } from '../../src/containerize/byteSource.ts';
import { describeBinary } from '../../src/containerize/describeBinary.ts';
import { BaseFiles } from '../../src/containerize/preflight/baseFiles.ts';
import { reasonOf } from '../../src/containerize/recommendReason.ts';
import { testIo } from '../support/io.ts';
import { glibcPath } from './bases.ts';
import { type ElfSpec, elfOf } from './elfWriter.ts';
import { classOf, jarOf, peOf } from './programs.ts';

const noCertificates: PreflightReason = { code: 'no-ca-certificates', effect: 'note', text: 'none' };
const noZones: PreflightReason = { code: 'no-time-zones', effect: 'note', text: 'none' };
const dynamic = (...needed: readonly string[]): ElfSpec => ({ interpreter: glibcPath, needed });

const table: readonly (readonly [
  what: string,
  program: ElfSpec | Uint8Array | string,
  reasons: readonly PreflightReason[],
  sentence: string,
])[] = [
  [
    'all that a program needs',
    dynamic('libssl.so.3', 'libc.so.6'),
    [],
    'It has the program\'s libraries ("libssl.so.3", "libc.so.6"), certificates and time zones.',
  ],
  [
    'the first of many libraries',
    dynamic('a.so', 'b.so', 'c.so', 'd.so', 'e.so', 'f.so'),
    [noZones],
    'It has the program\'s libraries ("a.so", "b.so", "c.so", "d.so", 2 more) and certificates, but no time zones.',
  ],
  [
    'a loader alone',
    dynamic(),
    [noCertificates, noZones],
    "It has the program's loader, but no certificates and no time zones.",
  ],
  [
    'control characters of a hostile name escaped',
    dynamic('x\u001b[31m\n'),
    [noCertificates, noZones],
    'It has the program\'s libraries ("x\\u001b[31m\\n"), but no certificates and no time zones.',
  ],
  [
    'the shell of a script',
    '#!/bin/sh\n',
    [noCertificates, noZones],
    'It has "/bin/sh", which runs the script, but no certificates and no time zones.',
  ],
  [
    'the command that env looks for',
    '#!/usr/bin/env node\n',
    [],
    'It has "node", which runs the script, certificates and time zones.',
  ],
  [
    'a Java',
    jarOf({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\nMain-Class: A\n', 'A.class': classOf(61) }),
    [],
    'It has a Java for release 17, certificates and time zones.',
  ],
  [
    'a .NET runtime',
    peOf({ machine: 0x14c, framework: '.NETCoreApp,Version=v8.0' }),
    [],
    'It has a runtime for ".NETCoreApp,Version=v8.0", certificates and time zones.',
  ],
];

describe('reasonOf', () => {
  for (const [what, program, reasons, sentence] of table) {
    it(`names ${what}`, async () => {
      const bytes =
        typeof program === 'string' ? Buffer.from(program) : program instanceof Uint8Array ? program : elfOf(program);
      const binary = await describeBinary(bytesSource(bytes), '/home/me/app', testIo());
      assert.equal(reasonOf(binary, { verdict: 'runs', reasons }, new BaseFiles()), sentence);
    });
  }

  it('says what decided where a program does not run', async () => {
    const binary = await describeBinary(bytesSource(elfOf(dynamic('libc.so.6'))), '/home/me/app', testIo());
    const missing: PreflightReason = { code: 'no-library', effect: 'fails', text: 'libc.so.6 is missing.' };
    const result = { verdict: 'fails' as const, reasons: [missing, noZones] };
    assert.equal(reasonOf(binary, result, new BaseFiles()), 'libc.so.6 is missing.');
  });
});
