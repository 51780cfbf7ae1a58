import type { BinaryDescription } from '../api.ts';
import { distrolessJava, longSupported } from './recipes/java/javaBases.ts';

/** The smallest base with CA certificates, time zones and a user, and nothing that is run. */
const staticBase = 'gcr.io/distroless/static-debian13';
/** By size: glibc; with OpenSSL; with the libraries of C++; a whole system without and with more packages. */
const glibcBases = [
  'gcr.io/distroless/base-nossl-debian13',
  'gcr.io/distroless/base-debian13',
  'gcr.io/distroless/cc-debian13',
  'debian:13-slim',
];
const muslBases = ['alpine:3'];

/** By the command that runs a script. Distroless bases have no shell and no `env`, so the first line finds nothing there. */
const scriptBases: Readonly<Record<string, readonly string[]>> = {
  sh: ['alpine:3', 'debian:13-slim'],
  ash: ['alpine:3'],
  dash: ['debian:13-slim'],
  bash: ['debian:13-slim', 'ubuntu:24.04'],
  perl: ['debian:13-slim', 'perl:5-slim'],
  python: ['python:3-alpine', 'python:3-slim'],
  node: ['node:lts-alpine', 'node:lts-slim'],
  deno: ['denoland/deno:alpine', 'denoland/deno:latest'],
  bun: ['oven/bun:alpine', 'oven/bun:slim'],
  ruby: ['ruby:3-alpine', 'ruby:3-slim'],
  php: ['php:8-cli-alpine', 'php:8-cli'],
};

/** References of the bases that suit a program, the smallest of their kind first; at least one. */
export function defaultBases(binary: BinaryDescription): readonly string[] {
  const { format, script, java, dotnet } = binary;
  if (format === 'elf') return elfBases(binary);
  if (format === 'script') return basesOfScript(script?.command ?? lastName(script?.interpreter ?? ''));
  if (format === 'jar') return javaBases(java?.release ?? null);
  if (format === 'dotnet') return dotnetBases(dotnet?.framework ?? null);
  // The others run nowhere, or where nothing but they is needed: what scratch says of them holds for all.
  return ['scratch'];
}

function elfBases({ elf }: BinaryDescription): readonly string[] {
  if (elf?.linkage !== 'dynamic') return ['scratch', staticBase];
  if (elf.libc === 'musl') return muslBases;
  if (elf.libc === null) return [...glibcBases, ...muslBases];
  return glibcBases;
}

/** `python3.12` is run by the images of Python of that version. */
function basesOfScript(command: string): readonly string[] {
  const [, name = '', version] = /^([a-z]+)(\d+(?:\.\d+)?)?$/.exec(lastName(command)) ?? [];
  if (name === 'python' && version?.includes('.') === true)
    return [`python:${version}-alpine`, `python:${version}-slim`];
  const found = Object.hasOwn(scriptBases, name) ? scriptBases[name] : undefined;
  return found ?? ['alpine:3', 'debian:13-slim'];
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The first two releases that run it: an old program may not start on a much newer Java. */
function javaBases(release: number | null): readonly string[] {
  const fitting = longSupported.filter((each) => each >= (release ?? 17)).slice(0, 2);
  const releases = fitting.length > 0 ? fitting : [release ?? 25];
  return releases.flatMap((each) => {
    const small = distrolessJava(each);
    const own = [`eclipse-temurin:${each}-jre-alpine`, `eclipse-temurin:${each}-jre`];
    return small === undefined ? own : [small, ...own];
  });
}

/** An assembly rolls forward within its major version only, so the version is that of the target framework. */
function dotnetBases(framework: string | null): readonly string[] {
  const version = /CoreApp,Version=v(\d{1,3}\.\d{1,3})/.exec(framework ?? '')?.[1] ?? '10.0';
  const runtimes = ['runtime', 'aspnet'].map((name) => `mcr.microsoft.com/dotnet/${name}:${version}`);
  return runtimes.flatMap((runtime) => [`${runtime}-alpine`, runtime]);
}
