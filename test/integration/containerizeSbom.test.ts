import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ContainerizeOptions } from '../../src/api.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { projectEngine, type ProjectEngine } from './projectEngine.ts';
import { writeFiles } from './sampleProjects.ts';

interface SpdxPackage {
  readonly checksums?: readonly { readonly checksumValue: string }[];
  readonly externalRefs?: readonly { readonly referenceLocator: string }[];
}

describe('the packages of an SBOM', function () {
  this.timeout(60_000);
  let folder = '';
  let engine: ProjectEngine;
  const at = (name: string): string => path.join(folder, name);

  before(async () => {
    folder = await newTempDir();
    engine = projectEngine(folder);
  });
  after(async () => {
    await engine.close();
    await removeTempDir(folder);
  });

  /** By their package-urls, with their checksums: as the document in a layout has them. */
  async function packagesOf(options: ContainerizeOptions): Promise<ReadonlyMap<string, readonly string[]>> {
    const layout = at(`made-${Math.random()}`);
    const made = await engine.gantry.containerize({ ...options, target: `oci:${layout}:1`, sbom: true });
    const read = (digest: string): unknown =>
      JSON.parse(readFileSync(path.join(layout, 'blobs', ...digest.split(':')), 'utf8'));
    const [attached] = made.attached;
    assert.ok(attached !== undefined);
    const { layers } = read(attached.digest) as { readonly layers: readonly [{ readonly digest: string }] };
    const { packages } = read(layers[0].digest) as { readonly packages: readonly SpdxPackage[] };
    const named = packages.flatMap(({ checksums = [], externalRefs = [] }) =>
      externalRefs.map(({ referenceLocator }): [string, readonly string[]] => [
        referenceLocator,
        checksums.map(({ checksumValue }) => checksumValue),
      ]),
    );
    return new Map(named.filter(([purl]) => !purl.startsWith('pkg:oci/')));
  }

  it('are what Go built in, however its program gets into the image', async function () {
    needs(this, 'go');
    writeFiles(at('app'), {
      'go.mod':
        'module example.com/app\n\ngo 1.19\n\nrequire example.com/lib v1.2.3\nreplace example.com/lib => ./lib\n',
      'main.go': 'package main\n\nimport "example.com/lib"\n\nfunc main() { lib.Say() }\n',
      'lib/go.mod': 'module example.com/lib\n\ngo 1.19\n',
      'lib/lib.go': 'package lib\n\nfunc Say() { println("hi") }\n',
      'gantry.yaml':
        'base: scratch\nlayers:\n  - files:\n      - {from: app, to: /app, mode: "0755"}\nentrypoint: [/app]\n',
    });
    const env = { ...process.env, CGO_ENABLED: '0', HOME: folder, GOFLAGS: '-mod=mod -buildvcs=false', GOPROXY: 'off' };
    execFileSync('go', ['build', '-o', 'app', '.'], { cwd: at('app'), env });
    const base = 'scratch';
    const ways: readonly ContainerizeOptions[] = [
      { file: at('app/app'), base },
      { folder: at('app'), base },
      { spec: at('app/gantry.yaml') },
    ];
    for (const options of ways) {
      const purls = [...(await packagesOf(options)).keys()];
      assert.ok(purls.includes('pkg:golang/example.com/lib@v1.2.3'), `${JSON.stringify(options)}: ${purls.join(' ')}`);
    }
  });

  it('are what of node_modules is in the image, with the checksums of the lock file', async () => {
    const entry = (byte: number): object => ({
      version: '1.0.0',
      integrity: `sha512-${Buffer.alloc(64, byte).toString('base64')}`,
    });
    const packages = { '': {}, 'node_modules/words': entry(1), 'node_modules/other': entry(2) };
    writeFiles(at('node'), {
      'package.json': '{"name": "app", "main": "index.js", "dependencies": {"words": "1.0.0"}}',
      'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages }),
      'index.js': "console.log(require('words'));\n",
      'node_modules/words/package.json': '{"name": "words", "version": "1.0.0", "main": "index.js"}',
      'node_modules/words/index.js': "module.exports = 'words';\n",
    });
    const found = await packagesOf({ folder: at('node'), base: 'scratch', force: true });
    assert.deepEqual([...found], [['pkg:npm/words@1.0.0', ['01'.repeat(64)]]]);
  });
});
