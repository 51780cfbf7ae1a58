import assert from 'node:assert/strict';
import { bytesSource } from '../../src/containerize/byteSource.ts';
import { describeBinary } from '../../src/containerize/describeBinary.ts';
import { defaultBases } from '../../src/containerize/recommendedBases.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { testIo } from '../support/io.ts';
import { glibcPath, muslPath } from './bases.ts';
import { type ElfSpec, elfOf } from './elfWriter.ts';
import { classOf, jarOf, peOf, wasmOf } from './programs.ts';

const jar = (version: number): Buffer =>
  jarOf({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\nMain-Class: A\n', 'A.class': classOf(version) });
const glibc = (version: string): ElfSpec => ({
  interpreter: glibcPath,
  needed: ['libc.so.6'],
  needs: { 'libc.so.6': [version] },
});

async function basesOf(program: ElfSpec | Uint8Array | string): Promise<readonly string[]> {
  const bytes =
    typeof program === 'string' ? Buffer.from(program) : program instanceof Uint8Array ? program : elfOf(program);
  return defaultBases(await describeBinary(bytesSource(bytes), '/home/me/app', testIo()));
}

const table: readonly (readonly [what: string, program: ElfSpec | Uint8Array | string, bases: readonly string[]])[] = [
  ['a static program', { type: 2 }, ['scratch', 'gcr.io/distroless/static-debian13']],
  [
    'a program for glibc',
    glibc('GLIBC_2.36'),
    [
      'gcr.io/distroless/base-nossl-debian13',
      'gcr.io/distroless/base-debian13',
      'gcr.io/distroless/cc-debian13',
      'debian:13-slim',
    ],
  ],
  ['a program for musl', { interpreter: muslPath, needed: ['libc.musl-x86_64.so.1'] }, ['alpine:3']],
  ['a shell script', '#!/bin/sh\n', ['alpine:3', 'debian:13-slim']],
  ['a script for bash by env', '#!/usr/bin/env bash\n', ['debian:13-slim', 'ubuntu:24.04']],
  ['a script for Python', '#!/usr/bin/env python3\n', ['python:3-alpine', 'python:3-slim']],
  ['a script for one Python', '#!/usr/bin/python3.12\n', ['python:3.12-alpine', 'python:3.12-slim']],
  ['a script for Node', '#!/usr/bin/env node\n', ['node:lts-alpine', 'node:lts-slim']],
  ['a script for what nobody knows', '#!/usr/bin/env constructor\n', ['alpine:3', 'debian:13-slim']],
  [
    'a JAR for Java 17',
    jar(61),
    [
      'gcr.io/distroless/java17-debian13',
      'eclipse-temurin:17-jre-alpine',
      'eclipse-temurin:17-jre',
      'gcr.io/distroless/java21-debian13',
      'eclipse-temurin:21-jre-alpine',
      'eclipse-temurin:21-jre',
    ],
  ],
  [
    'a JAR for Java 9',
    jar(53),
    [
      'eclipse-temurin:11-jre-alpine',
      'eclipse-temurin:11-jre',
      'gcr.io/distroless/java17-debian13',
      'eclipse-temurin:17-jre-alpine',
      'eclipse-temurin:17-jre',
    ],
  ],
  ['a JAR for a Java to come', jar(80), ['eclipse-temurin:36-jre-alpine', 'eclipse-temurin:36-jre']],
  [
    'a .NET assembly',
    peOf({ machine: 0x14c, framework: '.NETCoreApp,Version=v8.0' }),
    [
      'mcr.microsoft.com/dotnet/runtime:8.0-alpine',
      'mcr.microsoft.com/dotnet/runtime:8.0',
      'mcr.microsoft.com/dotnet/aspnet:8.0-alpine',
      'mcr.microsoft.com/dotnet/aspnet:8.0',
    ],
  ],
  [
    'an assembly for Windows alone',
    peOf({ machine: 0x14c, framework: '.NETFramework,Version=v4.8' }),
    [
      'mcr.microsoft.com/dotnet/runtime:10.0-alpine',
      'mcr.microsoft.com/dotnet/runtime:10.0',
      'mcr.microsoft.com/dotnet/aspnet:10.0-alpine',
      'mcr.microsoft.com/dotnet/aspnet:10.0',
    ],
  ],
  ['WebAssembly', wasmOf(['wasi_snapshot_preview1'], ['memory']), ['scratch']],
  ['a program for Windows', peOf({ machine: 0x8664 }), ['scratch']],
  ['a text', 'hello', ['scratch']],
];

describe('defaultBases', () => {
  for (const [what, program, bases] of table) {
    it(`names bases for ${what}`, async () => {
      const found = await basesOf(program);
      assert.deepEqual(found, bases);
      for (const base of found.filter((name) => name !== 'scratch')) parseReference(base);
    });
  }
});
