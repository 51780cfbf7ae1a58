import path from 'node:path';
import type { Described } from './described.ts';

/** GOARCH to the names that other tools have. */
const machineNames: Readonly<
  Record<string, { readonly gnu: string; readonly rust?: string; readonly dotnet?: string }>
> = {
  '386': { gnu: 'i686-linux-gnu', rust: 'i686' },
  amd64: { gnu: 'x86_64-linux-gnu', rust: 'x86_64', dotnet: 'x64' },
  arm: { gnu: 'arm-linux-gnueabihf', dotnet: 'arm' },
  arm64: { gnu: 'aarch64-linux-gnu', rust: 'aarch64', dotnet: 'arm64' },
  ppc64le: { gnu: 'powerpc64le-linux-gnu', rust: 'powerpc64le' },
  riscv64: { gnu: 'riscv64-linux-gnu', rust: 'riscv64gc' },
  s390x: { gnu: 's390x-linux-gnu' },
};

/** What to do with a file that no Linux runs, or that is no program; undefined where it is one, or may be. */
export function adviceFor(described: Described, file: string): string | undefined {
  const { format, kind, platforms } = described;
  const system = platforms[0]?.split('/')[0];
  if (format === 'pe' || format === 'mach-o') {
    const name = format === 'pe' ? 'Windows' : 'macOS';
    return `Linux containers do not run programs for ${name}. ${buildFor(described, file)}`;
  }
  if (format === 'elf' && kind === 'program' && system !== 'linux' && system !== undefined) {
    return `It is for ${system}, not for Linux. ${buildFor(described, file)}`;
  }
  if (kind === 'object') return 'It is not linked yet: link it to a program first.';
  if (kind === 'library' && format === 'elf') return 'It is a library: name the program that uses it.';
  if (kind === 'library' && format === 'jar') {
    return 'No class of it is named to be started: build it with a Main-Class in its manifest (`jar --create --main-class=…`).';
  }
  if (format === 'class')
    return 'Linux does not start a class file: put it into a JAR with `jar --create --main-class=…`.';
  if (format === 'text') return 'Linux does not start it: write what runs it in its first line, such as `#!/bin/sh`.';
  return undefined;
}

/** A sentence with the command that builds the program anew for Linux, on `architecture` or its own. */
export function buildFor(described: Described, file: string, architecture?: string): string {
  const wanted = /^\w{1,32}$/.exec(architecture ?? '')?.[0] ?? ownArchitecture(described);
  const { gnu, rust, dotnet } = machineNames[wanted] ?? {};
  const command =
    goCommand(described, file, wanted) ?? rustCommand(described, rust) ?? dotnetCommand(described, dotnet);
  if (command !== undefined) return `Build it for Linux with \`${command}\`.`;
  const compiler = gnu === undefined ? 'a compiler for Linux' : `\`CC=${gnu}-gcc CXX=${gnu}-g++\``;
  return `Build it for Linux, on Linux or with ${compiler}.`;
}

function ownArchitecture({ platforms }: Described): string {
  const all = platforms.map((platform) => platform.split('/')[1] ?? '');
  return all.find((each) => Object.hasOwn(machineNames, each)) ?? 'amd64';
}

function goCommand({ go }: Described, file: string, architecture: string): string | undefined {
  if (go === undefined) return undefined;
  const output = path.basename(file).replace(/\.exe$/i, '');
  const program = isPlain(go.path ?? '') && go.path !== 'command-line-arguments' ? go.path : '.';
  const out = isPlain(output) ? `-o ${output} ` : '';
  return `CGO_ENABLED=0 GOOS=linux GOARCH=${architecture} go build ${out}${program ?? '.'}`;
}

function rustCommand({ rust }: Described, architecture: string | undefined): string | undefined {
  if (rust === undefined || architecture === undefined) return undefined;
  return `cargo build --release --target ${architecture}-unknown-linux-musl`;
}

function dotnetCommand({ dotnet }: Described, architecture: string | undefined): string | undefined {
  return dotnet === undefined || architecture === undefined
    ? undefined
    : `dotnet publish -r linux-${architecture} --self-contained`;
}

/** Needs no quotes in a shell, and is no option: names from the file go into a command that a person may copy. */
function isPlain(text: string): boolean {
  return /^[\w./][\w./~@+-]{0,200}$/.test(text);
}
