import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DebianRoots } from './debianBases.ts';
import { findTool } from './tools.ts';

const run = promisify(execFile);

/** A program that prints a line of its own where it runs. */
export interface NativeProgram {
  readonly name: string;
  readonly file: string;
  /** What stands in the line. */
  readonly prints: RegExp;
  /** It starts other programs, which an emulator in a folder of its own cannot. */
  readonly startsOthers?: true;
}

const sources: Readonly<Record<string, string>> = {
  'main.go': 'package main\n\nimport "syscall"\n\nfunc main() { syscall.Write(1, []byte("go runs\\n")) }\n',
  'c.c': 'int puts(const char *); int main(void) { return puts("c runs") < 0; }\n',
  'cxx.cc': '#include <iostream>\nint main() { std::cout << "c++ runs" << std::endl; }\n',
  'ssl.cc':
    '#include <iostream>\nextern "C" const char *OpenSSL_version(int);\n' +
    'int main() { std::cout << "c++ runs with " << OpenSSL_version(0) << std::endl; }\n',
  'newer.c':
    'int from_newer(void); int puts(const char *); int main(void) { puts("newer runs"); return from_newer(); }\n',
  // The C library in which it will be: programs for later releases ask for what this one does not have.
  'newer-stub.c': 'int from_newer(void) { return 0; }\n',
  'newer.map': 'GLIBC_2.99 { from_newer; };\n',
  'own.c': 'int own(void); int puts(const char *); int main(void) { puts("own runs"); return own(); }\n',
  'own-stub.c': 'int own(void) { return 0; }\n',
  // Without the start files of musl's compiler: libc.so is there for both machines, they are for one.
  'musl.c':
    'int puts(const char *); int fflush(void *); _Noreturn void exit(int);\n' +
    '#ifdef __x86_64__\n__attribute__((force_align_arg_pointer))\n#endif\n' +
    'void _start(void) { puts("musl runs"); fflush(0); exit(0); }\n',
};

const scripts: Readonly<Record<string, string>> = {
  'sh-script': '#!/bin/sh\necho script runs\n',
  'env-script': '#!/usr/bin/env sh\necho script runs\n',
  'crlf-script': '#!/bin/sh\r\necho script runs\r\n',
  'no-interpreter': '#!/opt/nothing/bin/interpreter\necho script runs\n',
};

/** GNU's and musl's names of a machine. */
const machines: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** The tools that `nativePrograms` needs for an architecture. */
export function compilersFor(architecture: string): readonly string[] {
  const prefix = architecture === (process.arch === 'x64' ? 'amd64' : process.arch) ? '' : `${gnuName(architecture)}-`;
  return ['go', `${prefix}gcc`, `${prefix}g++`];
}

/** Compiles the programs for an architecture against the libraries of the bases; those whose tools are missing are left out. */
export async function nativePrograms(roots: DebianRoots, folder: string): Promise<readonly NativeProgram[]> {
  const { architecture } = roots;
  const out = path.join(folder, `programs-${architecture}`);
  mkdirSync(out, { recursive: true });
  for (const [name, text] of Object.entries(sources)) writeFileSync(path.join(out, name), text);
  const [go = '', gcc = '', gxx = ''] = compilersFor(architecture);
  const compile = async (tool: string, ...args: readonly string[]): Promise<unknown> => run(tool, args, { cwd: out });
  const at = (name: string): string => path.join(out, name);
  await compile(
    gcc,
    '-shared',
    '-fPIC',
    '-nostdlib',
    '-Wl,-soname,libm.so.6',
    '-Wl,--version-script=newer.map',
    '-o',
    'libnewer.so',
    'newer-stub.c',
  );
  await compile(gcc, '-shared', '-fPIC', '-Wl,-soname,libown.so.1', '-o', 'libown.so', 'own-stub.c');
  const made: NativeProgram[] = [];
  const add = async (name: string, prints: RegExp, tool: string, ...args: readonly string[]): Promise<void> => {
    if (findTool(tool) === undefined) return;
    await compile(tool, '-o', name, ...args);
    made.push({ name, file: at(name), prints });
  };
  await add('c-static', /^c runs$/m, gcc, '-static', 'c.c');
  await add('c-static-pie', /^c runs$/m, gcc, '-static-pie', 'c.c');
  await add('c-dynamic', /^c runs$/m, gcc, 'c.c');
  await add('c-foreign-loader', /^c runs$/m, gcc, 'c.c', '-Wl,--dynamic-linker=/opt/nothing/ld.so.1');
  await add('c-newer-libc', /^newer runs$/m, gcc, 'newer.c', 'libnewer.so');
  await add('c-own-library', /^own runs$/m, gcc, 'own.c', 'libown.so');
  await add('c++', /^c\+\+ runs$/m, gxx, 'cxx.cc');
  await add(
    'c++-openssl',
    /^c\+\+ runs with OpenSSL 3/m,
    gxx,
    'ssl.cc',
    libraryOf(roots.root('libc'), 'libcrypto.so.3'),
    // What the library asks of its own libraries is for the base to have.
    '-Wl,--allow-shlib-undefined',
  );
  const machine = machines[architecture] ?? architecture;
  // By its name: it has no soname, and would be asked for by the path that it has here.
  const musl = ['-L', path.dirname(libraryOf(roots.root('musl'), 'libc.so')), '-l:libc.so'];
  const loader = `-Wl,--dynamic-linker=/lib/ld-musl-${machine}.so.1`;
  await add('musl-dynamic', /^musl runs$/m, gcc, '-nostdlib', '-fno-stack-protector', 'musl.c', ...musl, loader);
  if (findTool(go) !== undefined) {
    const env = {
      ...process.env,
      CGO_ENABLED: '0',
      GOOS: 'linux',
      GOARCH: architecture,
      GOFLAGS: '-trimpath',
      GOTOOLCHAIN: 'local',
    };
    await run(go, ['build', '-o', 'go-static', 'main.go'], { cwd: out, env });
    made.push({ name: 'go-static', file: at('go-static'), prints: /^go runs$/m });
  }
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(at(name), text, { mode: 0o644 });
    const more = name === 'env-script' ? { startsOthers: true as const } : {};
    made.push({ name, file: at(name), prints: /^script runs$/m, ...more });
  }
  return made;
}

function gnuName(architecture: string): string {
  return `${machines[architecture] ?? architecture}-linux-gnu`;
}

/** The path of a library in a folder of packages. */
function libraryOf(root: string, name: string): string {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((each) => path.join(root, each))
    .find((each) => path.basename(each) === name && existsSync(each));
  if (found === undefined) throw new Error(`${name} is not in the packages`);
  return found;
}
