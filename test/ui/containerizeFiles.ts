import assert from 'node:assert/strict';
import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { elfOf } from '../containerize/elfWriter.ts';

/** Where glibc's loader is in an image for linux/amd64. */
export const loader = '/lib64/ld-linux-x86-64.so.2';

/** Writes programs, projects and Dockerfiles that are made into images. */
export async function writeContainerizeFiles(folder: string): Promise<void> {
  const put = async (name: string, content: string | Buffer, mode = 0o644): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content, { mode });
  };
  const program = elfOf({ type: 2 });
  await put('server', program, 0o755);
  await put('twin', program, 0o755);
  await put('dynamic', elfOf({ interpreter: loader }), 0o755);
  await put('loader', elfOf({ soname: path.basename(loader) }), 0o755);
  await put('notes.txt', 'nothing that runs\n');
  await put('pages/page.html', '<h1>hello</h1>\n');
  await put('pages/id_rsa', '-----BEGIN OPENSSH PRIVATE KEY-----\n');
  await mkdir(path.join(folder, 'empty'));
  await put('docker/out/app', program, 0o755);
  await put(
    'docker/Dockerfile',
    'FROM golang AS build\nFROM scratch\nCOPY --from=build /app /bin/app\nENTRYPOINT ["/bin/app"]\n',
  );
  await put('docker/run.Dockerfile', 'FROM scratch\nCOPY Dockerfile /\nRUN echo no\n');
  await put('hello/go.mod', 'module example.com/hello\n\ngo 1.19\n');
  await put('hello/main.go', 'package main\n\nfunc main() { println("hello") }\n');
  const node = (build: string): string => JSON.stringify({ name: 'app', main: 'index.js', scripts: { build } });
  await put('broken/package.json', node('exit 3'));
  await put('broken/index.js', '');
  await put('slow/package.json', node('node slow.cjs'));
  await put('slow/index.js', '');
  const slow = "require('fs').writeFileSync('pid', String(process.pid)); setTimeout(() => {}, 100_000);\n";
  await put('slow/slow.cjs', slow);
  await put(
    'dotnet/app.csproj',
    '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>\n',
  );
  await put('huge', program, 0o755);
  const huge = await open(path.join(folder, 'huge'), 'r+');
  await huge.truncate(4 * 2 ** 30);
  await huge.close();
}

/** Waits for what no window shows. @throws AssertionError after 10 seconds */
export async function eventually(what: string, isTrue: () => boolean): Promise<void> {
  for (let tries = 100; tries > 0; tries -= 1) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`${what}: not within 10 seconds`);
}
