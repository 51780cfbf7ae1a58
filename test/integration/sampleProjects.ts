import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ContainerizeOptions, RecipeName } from '../../src/api.ts';
import { jarOf } from '../containerize/programs.ts';
import { pythonMinor } from './hostBases.ts';

/** A project of one kind, with what is known of the image that it comes to. */
export interface SampleProject {
  readonly name: string;
  readonly recipe: RecipeName;
  readonly tools: readonly string[];
  /** The tag of its base in the repository `bases`, or `scratch`. */
  readonly base: string;
  readonly platforms: readonly string[];
  /** The layers of its image. */
  readonly layers: readonly string[];
  /** What it prints when it runs; absent where it does not end by itself. */
  readonly prints?: string;
  readonly options?: Partial<ContainerizeOptions>;
  write(folder: string): void;
  /** What somebody works on most, and the only layers that then are others. */
  readonly change: { readonly layers: readonly string[]; edit(folder: string): void };
}

/** Writes files with their folders; a name that ends in `!` is of a program. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name.replace(/!$/, ''));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: name.endsWith('!') ? 0o755 : 0o644 });
  }
}

const goMain = (text: string): string =>
  `package main\n\nimport "syscall"\n\nfunc main() { syscall.Write(1, []byte("${text}\\n")) }\n`;

const goProject: SampleProject = {
  name: 'Go program for two platforms with .ko.yaml and static files',
  recipe: 'go',
  tools: ['go'],
  base: 'index',
  platforms: ['linux/amd64', 'linux/arm64'],
  layers: ['static files', 'program', 'program'],
  prints: 'go runs\n',
  write: (folder) =>
    writeFiles(folder, {
      'go.mod': 'module example.com/hello\n\ngo 1.19\n',
      'main.go': goMain('go runs'),
      'kodata/page.html': '<h1>hello</h1>\n',
      '.ko.yaml':
        'defaultPlatforms:\n  - linux/amd64\n  - linux/arm64\nbuilds:\n  - id: hello\n    main: .\n    ldflags: ["-s", "-w"]\n',
    }),
  change: { layers: ['program', 'program'], edit: (folder) => writeFiles(folder, { 'main.go': goMain('go runs!') }) },
};

const rustProject: SampleProject = {
  name: 'Rust program',
  recipe: 'rust',
  tools: ['cargo', 'rustc'],
  base: 'shell',
  platforms: ['linux/amd64'],
  layers: ['program'],
  prints: 'rust runs\n',
  write: (folder) =>
    writeFiles(folder, {
      'Cargo.toml': '[package]\nname = "hello"\nversion = "1.0.0"\nedition = "2021"\n',
      'Cargo.lock': 'version = 3\n\n[[package]]\nname = "hello"\nversion = "1.0.0"\n',
      'src/main.rs': 'fn main() { println!("rust runs"); }\n',
    }),
  change: {
    layers: ['program'],
    edit: (folder) => writeFiles(folder, { 'src/main.rs': 'fn main() { println!("rust runs!"); }\n' }),
  },
};

const javaMain = (text: string): string =>
  `package com.example;\npublic class Main {\n  public static void main(String[] args) { System.out.println("${text}"); }\n}\n`;

/** In the place of Maven's own wrapper: it compiles as Maven would, and writes the class path that it is asked for. */
const mavenWrapper = `#!/bin/sh
set -e
for word in "$@"; do case "$word" in -Dmdep.outputFile=*) out="\${word#*=}" ;; esac; done
mkdir -p target/classes "$(dirname "$out")"
javac --release 11 -d target/classes $(find src/main/java -name '*.java')
cp -r src/main/resources/. target/classes/
printf '%s/libs/dependency-1.0.jar:%s/libs/other-2-SNAPSHOT.jar' "$PWD" "$PWD" > "$out"
`;

const mavenProject: SampleProject = {
  name: 'Java program in the layout of Maven',
  recipe: 'java',
  tools: ['javac', 'jlink'],
  base: 'java',
  platforms: ['linux/amd64'],
  layers: ['dependencies', 'snapshot dependencies', 'resources', 'classes'],
  prints: 'java runs\n',
  write: (folder) =>
    writeFiles(folder, {
      'pom.xml':
        '<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId><artifactId>hello</artifactId><version>1</version></project>\n',
      'mvnw!': mavenWrapper,
      'src/main/java/com/example/Main.java': javaMain('java runs'),
      'src/main/resources/application.properties': 'colour=blue\n',
      'libs/dependency-1.0.jar': jarOf({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\r\n\r\n', 'a.txt': 'a' }),
      'libs/other-2-SNAPSHOT.jar': jarOf({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\r\n\r\n', 'b.txt': 'b' }),
    }),
  change: {
    layers: ['classes'],
    edit: (folder) => writeFiles(folder, { 'src/main/java/com/example/Main.java': javaMain('java runs!') }),
  },
};

const nodeProject: SampleProject = {
  name: 'Node.js program that is built',
  recipe: 'node',
  tools: ['npm'],
  base: 'node',
  platforms: ['linux/amd64'],
  layers: ['dependencies', 'app'],
  prints: 'node runs\n',
  write: (folder) => {
    writeFiles(folder, {
      'package.json': JSON.stringify({
        name: 'hello',
        version: '1.0.0',
        main: 'dist/main.js',
        scripts: { build: 'mkdir -p dist && cp main.js dist/main.js' },
        dependencies: { words: '1.0.0' },
        devDependencies: { unneeded: '1.0.0' },
      }),
      'main.js': "console.log(require('words').what + ' runs');\n",
      'node_modules/words/package.json': JSON.stringify({ name: 'words', version: '1.0.0', main: 'index.js' }),
      'node_modules/words/index.js': "exports.what = 'node';\n",
      'node_modules/unneeded/package.json': JSON.stringify({ name: 'unneeded', version: '1.0.0' }),
    });
  },
  change: {
    layers: ['app'],
    edit: (folder) => writeFiles(folder, { 'main.js': "console.log(require('words').what + ' runs!');\n" }),
  },
};

const minor = pythonMinor ?? 13;
const site = `.venv/lib/python3.${minor}/site-packages`;
const pythonProject: SampleProject = {
  name: 'Python program with a virtual environment',
  recipe: 'python',
  tools: ['python3'],
  base: 'python',
  platforms: ['linux/amd64'],
  layers: ['dependencies', 'app'],
  prints: 'python runs\n',
  write: (folder) =>
    writeFiles(folder, {
      'requirements.txt': 'words==1.0\n',
      'main.py': "import words\nprint(words.what, 'runs')\n",
      '.venv/pyvenv.cfg': `home = /usr/bin\nversion = 3.${minor}.0\n`,
      [`${site}/words.py`]: "what = 'python'\n",
      [`${site}/words-1.0.dist-info/METADATA`]: 'Metadata-Version: 2.1\nName: words\nVersion: 1.0\n\n',
      [`${site}/words-1.0.dist-info/RECORD`]:
        'words.py,,\nwords-1.0.dist-info/METADATA,,\nwords-1.0.dist-info/RECORD,,\n',
    }),
  change: {
    layers: ['app'],
    edit: (folder) => writeFiles(folder, { 'main.py': "import words\nprint(words.what, 'runs!')\n" }),
  },
};

const siteProject: SampleProject = {
  name: 'static site',
  recipe: 'static-site',
  tools: [],
  base: 'nginx',
  platforms: ['linux/amd64'],
  layers: ['assets', 'site'],
  write: (folder) =>
    writeFiles(folder, {
      'dist/index.html': '<script src="assets/index-DiwrgTda.js"></script>\n',
      'dist/assets/index-DiwrgTda.js': 'console.log(1);\n',
    }),
  change: { layers: ['site'], edit: (folder) => writeFiles(folder, { 'dist/index.html': '<h1>other</h1>\n' }) },
};

const folderProject: SampleProject = {
  name: 'folder with a script',
  recipe: 'folder',
  tools: [],
  base: 'shell',
  platforms: ['linux/amd64'],
  layers: ['files'],
  prints: 'folder runs\n',
  write: (folder) =>
    writeFiles(folder, { 'start.sh!': '#!/bin/sh\ncat /app/data/words.txt\n', 'data/words.txt': 'folder runs\n' }),
  change: { layers: ['files'], edit: (folder) => writeFiles(folder, { 'data/words.txt': 'folder runs!\n' }) },
};

const makeProject: SampleProject = {
  name: 'C program that make builds',
  recipe: 'binary',
  tools: ['make', 'gcc'],
  base: 'scratch',
  platforms: ['linux/amd64'],
  layers: ['program'],
  prints: 'c runs\n',
  options: { recipe: 'binary' },
  write: (folder) =>
    writeFiles(folder, {
      Makefile: 'hello: hello.c\n\tgcc -static -o hello hello.c\n',
      'hello.c': 'int puts(const char *); int main(void) { return puts("c runs") < 0; }\n',
    }),
  change: {
    layers: ['program'],
    edit: (folder) =>
      writeFiles(folder, { 'hello.c': 'int puts(const char *); int main(void) { return puts("c runs!") < 0; }\n' }),
  },
};

/** A JAR with all that it needs, compiled here: `file` of the options. */
export function writeFatJar(folder: string): string {
  writeFiles(folder, { 'com/example/Main.java': javaMain('jar runs') });
  execFileSync('javac', [
    '--release',
    '11',
    '-d',
    path.join(folder, 'out'),
    path.join(folder, 'com/example/Main.java'),
  ]);
  writeFiles(folder, { 'MANIFEST.MF': 'Main-Class: com.example.Main\n' });
  const file = path.join(folder, 'app.jar');
  execFileSync('jar', ['cfm', file, path.join(folder, 'MANIFEST.MF'), '-C', path.join(folder, 'out'), '.']);
  return file;
}

export const sampleProjects: readonly SampleProject[] = [
  goProject,
  rustProject,
  mavenProject,
  nodeProject,
  pythonProject,
  siteProject,
  folderProject,
  makeProject,
];
